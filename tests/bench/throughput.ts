import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRecipients } from '../../restore/archive/age/recipients.ts';
import { extractArchive } from '../../restore/archive/extract-archive.ts';
import { accessAtHand, type SetAccess } from '../../restore/archive/open-archive.ts';
import type { Archive } from '../../restore/archive/set-schema.ts';
import { verifySet } from '../../restore/archive/verify-set.ts';
import { makeSmallSet, type SmallSet } from '../fixtures/small-set.ts';
import { debianTar } from '../vm/sources/debian.ts';
import { compare, type Figure } from './figure.ts';
import { alternate, intoFreshFileSystem, makeFileSystem, sh, withFileSystem } from './lab.ts';

interface Bench {
  work: string;
  /** Where a Debian is mounted. */
  source: string;
  /** The file system that is mounted there, for fsarchiver. */
  device: string;
  runs: number;
}

interface Saved {
  set: SmallSet;
  archive: Archive;
  plain: string;
  fsa: string;
}

/**
 * `create`, `restore`, `verify` of one tree beside what a person would type or use instead; alternating, cold cache, to the end
 * of umount. @param runs of which the median counts
 */
export async function measureThroughput(runs: number): Promise<Figure[]> {
  const work = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
  const [image, source] = [join(work, 'source.img'), join(work, 'source')];
  try {
    makeFileSystem(image, '3G');
    const tar = await debianTar();
    return await withFileSystem(image, source, async () => {
      sh(`tar -xpf ${tar} -C ${source} --numeric-owner; rmdir ${source}/lost+found`);
      const device = execFileSync('findmnt', ['-no', 'SOURCE', source], { encoding: 'utf8' }).trim();
      const bench = { work, source, device, runs };
      const [saved, created] = await measureCreate(bench);
      return [
        ...created,
        ...(await measureEncrypted(bench, saved)),
        ...(await measureRestore(bench, saved)),
        ...(await measureVerify(bench, saved)),
      ];
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** fsarchiver tells all it does. */
function quiet(work: string, script: string): void {
  sh(`(${script}) > ${work}/words 2>&1 || { cat ${work}/words >&2; false; }`);
}

const tree = ({ source }: Bench) => [{ source, mountPoint: '/', node: 'disk0:1' }];

async function measureCreate(bench: Bench): Promise<[Saved, Figure[]]> {
  const { work, source, device, runs } = bench;
  const [plain, fsa] = [join(work, 'plain.tar.zst'), join(work, 'other.fsa')];
  const pipe = (to: string): void => sh(`tar -C ${source} -cf - . | ${to}`);
  let set: SmallSet | undefined;
  const times = await alternate(runs, {
    ours: async () => {
      set = await makeSmallSet({ work, trees: tree(bench) });
    },
    zstd: () => pipe(`zstd -q -T0 -3 > ${plain}`),
    pigz: () => pipe(`pigz > ${work}/other.tar.gz`),
    fsarchiver: () => quiet(work, `fsarchiver savefs -o -A -j2 -Z3 ${fsa} ${device}`),
    gzip: () => pipe(`gzip > ${work}/other.tar.gz`),
  });
  const archive = set?.archives[0];
  if (!set || !archive) throw new Error('no archive was written');
  const row = (name: string, theirs: number) => speed('create: one file system', archive, times.ours, name, theirs);
  const size = statSync(plain).size / 1e6;
  return [
    { set, archive, plain, fsa },
    [
      row('tar | zstd -T0 -3', times.zstd),
      row('tar | gzip (as ReaR does)', times.gzip),
      row('tar | pigz', times.pigz),
      row('fsarchiver savefs -j2 -Z3', times.fsarchiver),
      compare('create: archive size', 'MB', archive.size / 1e6, 'tar | zstd -T0 -3', size, 'lower'),
    ],
  ];
}

function speed(name: string, { tarSize }: Archive, ours: number, baseline: string, theirs: number): Figure {
  return compare(name, 'MB/s', tarSize / 1e6 / ours, baseline, tarSize / 1e6 / theirs, 'higher');
}

async function measureEncrypted(bench: Bench, { archive }: Saved): Promise<Figure[]> {
  const { work, source, runs } = bench;
  const key = join(work, 'key.txt');
  sh(`age-keygen -o ${key} 2>/dev/null`);
  const recipient = /age1\w+/.exec(readFileSync(key, 'utf8'))?.[0] ?? '';
  const recipients = await parseRecipients(recipient, 'the bench');
  const times = await alternate(runs, {
    ours: () => makeSmallSet({ work: join(work, 'encrypted'), trees: tree(bench), recipients }),
    age: () => sh(`tar -C ${source} -cf - . | zstd -q -T0 -3 | age -r ${recipient} > ${work}/other.age`),
  });
  rmSync(join(work, 'encrypted'), { recursive: true });
  return [speed('create: encrypted', archive, times.ours, 'tar | zstd -T0 -3 | age -r', times.age)];
}

async function accessOf({ set }: Saved): Promise<SetAccess> {
  return accessAtHand(await set.open());
}

async function measureRestore({ work, runs }: Bench, saved: Saved): Promise<Figure[]> {
  const { archive, plain, fsa } = saved;
  const access = await accessOf(saved);
  const image = join(work, 'other.img');
  const times = await alternate(runs, {
    ours: () => intoFreshFileSystem(work, (target) => extractArchive({ access, archive, target })),
    tar: () => intoFreshFileSystem(work, (target) => sh(`zstd -q -dc ${plain} | tar -xp --numeric-owner -C ${target}`)),
    fsarchiver: () =>
      quiet(
        work,
        `rm -f ${image}; truncate -s 4G ${image}; dev=$(losetup --find --show ${image}); trap 'losetup -d $dev' EXIT; fsarchiver restfs -j2 ${fsa} id=0,dest=$dev`,
      ),
  });
  const row = (name: string, theirs: number) =>
    speed('restore: one file system, verified', archive, times.ours, name, theirs);
  return [row('zstd -dc | tar -x', times.tar), row('fsarchiver restfs -j2', times.fsarchiver)];
}

async function measureVerify({ runs }: Bench, saved: Saved): Promise<Figure[]> {
  const access = await accessOf(saved);
  const times = await alternate(runs, {
    ours: async () => {
      if ((await verifySet(access)).length > 0) throw new Error('the set is damaged');
    },
    zstd: () => sh(`zstd -q -t ${saved.plain}`),
  });
  return [speed('verify: frames, digests, index', saved.archive, times.ours, 'zstd -t', times.zstd)];
}
