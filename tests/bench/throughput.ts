import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractArchive } from '../../restore/archive/extract-archive.ts';
import { accessAtHand } from '../../restore/archive/open-archive.ts';
import { makeSmallSet } from '../fixtures/small-set.ts';
import { debianTar } from '../vm/sources/debian.ts';
import { compare, type Figure, median } from './figure.ts';

const runs = 5;
const mountOptions = 'loop,noatime';

function dropCaches(): void {
  spawnSync('sync');
  if (existsSync('/proc/sys/vm/drop_caches')) writeFileSync('/proc/sys/vm/drop_caches', '3');
}

async function seconds(action: () => Promise<void> | void): Promise<number> {
  dropCaches();
  const started = process.hrtime.bigint();
  await action();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

/** A fresh ext4 in a file, mounted while `fill` runs; the time to the end of umount counts. */
async function intoFreshFileSystem(work: string, fill: (directory: string) => Promise<void> | void): Promise<number> {
  const image = join(work, 'target.img');
  const directory = join(work, 'target');
  rmSync(image, { force: true });
  execFileSync('truncate', ['-s', '4G', image]);
  execFileSync('mke2fs', ['-q', '-t', 'ext4', image]);
  mkdirSync(directory, { recursive: true });
  return seconds(async () => {
    execFileSync('mount', ['-o', mountOptions, image, directory]);
    try {
      await fill(directory);
    } finally {
      execFileSync('umount', [directory]);
    }
  });
}

/** `create` and `restore` of one tree beside the pipelines that a person would type; alternating, median of 5, cold cache. */
export async function measureThroughput(): Promise<Figure[]> {
  const work = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
  try {
    const source = join(work, 'source');
    mkdirSync(source);
    execFileSync('tar', ['-xpf', await debianTar(), '-C', source, '--numeric-owner']);
    const plain = join(work, 'plain.tar.zst');
    const save = () => makeSmallSet({ work, trees: [{ source, mountPoint: '/', node: 'disk0:1' }] });
    const times = { save: [] as number[], tar: [] as number[], restore: [] as number[], untar: [] as number[] };
    for (let run = 0; run < runs; run += 1) {
      times.save.push(await seconds(async () => void (await save())));
      times.tar.push(
        await seconds(() => void execFileSync('sh', ['-c', `tar -C ${source} -cf - . | zstd -q -T0 -3 > ${plain}`])),
      );
    }
    const set = await save();
    const access = accessAtHand(await set.open());
    const [archive] = set.archives;
    if (!archive) throw new Error('no archive was written');
    for (let run = 0; run < runs; run += 1) {
      times.restore.push(await intoFreshFileSystem(work, (target) => extractArchive({ access, archive, target })));
      times.untar.push(
        await intoFreshFileSystem(
          work,
          (target) => void execFileSync('sh', ['-c', `zstd -q -dc ${plain} | tar -xp --numeric-owner -C ${target}`]),
        ),
      );
    }
    const megabytes = archive.tarSize / 1e6;
    const speed = (list: number[]): number => megabytes / median(list);
    return [
      compare('create: one file system', 'MB/s', speed(times.save), 'tar | zstd -T0 -3', speed(times.tar), 'higher'),
      compare(
        'create: archive size',
        'MB',
        archive.size / 1e6,
        'tar | zstd -T0 -3',
        statSync(plain).size / 1e6,
        'lower',
      ),
      compare(
        'restore: one file system, verified',
        'MB/s',
        speed(times.restore),
        'zstd -dc | tar -x',
        speed(times.untar),
        'higher',
      ),
    ];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
