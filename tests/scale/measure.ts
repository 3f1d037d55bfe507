import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatBytes } from '../../common/format.ts';
import { type Measured, measureTree } from './process-tree.ts';

const child = join(import.meta.dirname, 'child.ts');
const indexChild = join(import.meta.dirname, '../fixtures/index-child.ts');
const gibibyte = 1 << 30;

export interface Row extends Measured {
  name: string;
}

function rowOf(name: string, measured: Measured): Row {
  const quarters = measured.result.quarters;
  let pace = '';
  if (Array.isArray(quarters)) {
    const [one = 0, , three = 0, four = 0] = quarters as number[];
    pace = `; first quarter ${one.toFixed(1)} s, last quarter ${(four - three).toFixed(1)} s`;
  }
  console.log(`${name}: peak ${formatBytes(measured.peakBytes)}, ${measured.seconds.toFixed(1)} s${pace}`);
  return { name, ...measured };
}

async function inWork<T>(use: (work: string) => Promise<T>): Promise<T> {
  const work = mkdtempSync(join(tmpdir(), 'rekindle-scale-'));
  try {
    return await use(work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * A file system with so many files of a GiB that nothing compresses. They share their blocks (reflink), so that a GiB of disk is
 * enough; tar and all that follows cannot tell.
 */
async function withLargeFileSystem<T>(
  work: string,
  gibibytes: number,
  use: (source: string) => Promise<T>,
): Promise<T> {
  const image = join(work, 'large.img');
  const source = join(work, 'large');
  mkdirSync(source);
  const sh = (script: string): void => void execFileSync('sh', ['-ec', script], { cwd: work, stdio: 'pipe' });
  sh(`truncate -s 3G ${image}; mkfs.xfs -q -m reflink=1 ${image}; mount -o loop,noatime ${image} ${source}`);
  try {
    sh(`openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c ${gibibyte} > large/file-0`);
    sh(`for i in $(seq 1 ${gibibytes - 1}); do cp --reflink=always large/file-0 large/file-$i; done`);
    return await use(source);
  } finally {
    sh(`umount ${source}`);
  }
}

/** Saves that many GiB through tar, frames, hashes, index and volumes. */
export function measureSave(gibibytes: number): Promise<Row> {
  return inWork((work) =>
    withLargeFileSystem(work, gibibytes, async (source) => {
      const volumes = join(work, 'volumes');
      mkdirSync(volumes);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2g', 'tmpfs', volumes]);
      try {
        const words = ['save', source, volumes, String(gibibytes * gibibyte)];
        return rowOf(`save ${gibibytes} GiB`, await measureTree(child, words));
      } finally {
        execFileSync('umount', [volumes]);
      }
    }),
  );
}

/** Verifies an archive of that many GiB; it repeats the frames of one. */
export function measureVerify(gibibytes: number): Promise<Row> {
  return inWork(async (work) => {
    const file = join(work, 'archive');
    await measureTree(child, ['write', file, String(gibibyte)]);
    return rowOf(`verify ${gibibytes} GiB`, await measureTree(child, ['verify', file, String(gibibytes)]));
  });
}

export function measureFrames(count: number): Promise<Row[]> {
  return inWork(async (work) => {
    return [
      rowOf(`write ${count} frames`, await measureTree(child, ['frames', work, String(count)])),
      rowOf(`verify a set of ${count} frames`, await measureTree(child, ['frames-verify', work])),
      rowOf('read the table that the file has itself', await measureTree(child, ['frames-table', work])),
    ];
  });
}

export function measureIndex(members: number): Promise<{ rows: Row[]; bytes: number }> {
  return inWork(async (work) => {
    const file = join(work, 'x.idx');
    const rows: Row[] = [];
    for (const [name, ...words] of [
      [`build an index of ${members} members`, 'build', file, String(members)],
      ['its table of frames', 'frames', file],
      ['find one file in it', 'find', file, 'srv/mail/user-0123/cur/none'],
      ['find a folder in it', 'find', file, 'srv/mail/user-0123'],
      ['read every record of it', 'read', file],
    ] as const)
      rows.push(rowOf(name, await measureTree(indexChild, words)));
    return { rows, bytes: statSync(file).size };
  });
}
