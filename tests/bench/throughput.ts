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

/** A Debian has 0.6 GB, which is over before a program that starts in no time has a rival; a server has more. */
const copiesOfLarge = 4;

interface Bench {
  work: string;
  /** Where backups go: a file system of their own. While one is written it is mounted before and unmounted after. */
  store: string;
  /** Of a Debian: what is saved. */
  copies: number;
  /** Where they are mounted. */
  source: string;
  /** The file system that is mounted there, for fsarchiver. */
  device: string;
  runs: number;
  /** What is slower than ours, too. */
  slowWays: boolean;
}

interface Saved {
  set: SmallSet;
  archive: Archive;
  plain: string;
  fsa: string;
}

/**
 * `create`, `restore`, `verify` of one tree beside what a person would type or use instead; alternating, cold cache, to the end
 * of umount. The larger tree only beside what is about as quick.
 * @param runs of which the median counts
 */
export async function measureThroughput(runs: number): Promise<Figure[]> {
  return [...(await measureTree(1, runs)), ...(await measureTree(copiesOfLarge, runs))];
}

async function measureTree(copies: number, runs: number): Promise<Figure[]> {
  const work = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
  const [image, source, store] = [join(work, 'source.img'), join(work, 'source'), join(work, 'store')];
  try {
    makeFileSystem(image, sizeOf(copies));
    makeFileSystem(`${store}.img`, sizeOf(copies));
    const debian = await debianTar();
    return await withFileSystem(image, source, () => {
      sh(`rmdir ${source}/lost+found`);
      for (let copy = 1; copy <= copies; copy += 1)
        sh(`mkdir ${source}/${copy}; tar -xpf ${debian} -C ${source}/${copy} --numeric-owner`);
      const device = execFileSync('findmnt', ['-no', 'SOURCE', source], { encoding: 'utf8' }).trim();
      return measureAll({ work, store, copies, source, device, runs, slowWays: copies === 1 });
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const sizeOf = (copies: number): string => `${3 + 2 * copies}G`;

async function measureAll(bench: Bench): Promise<Figure[]> {
  const [saved, created] = await measureCreate(bench);
  const encrypted = await measureEncrypted(bench, saved);
  return onStore(bench, async () => [
    ...created,
    ...encrypted,
    ...(await measureRestore(bench, saved)),
    ...(await measureVerify(bench, saved)),
  ]);
}

function onStore<T>({ store }: Bench, use: () => Promise<T> | T): Promise<T> {
  return withFileSystem(`${store}.img`, store, use);
}

/** fsarchiver tells all it does. */
function quiet(work: string, script: string): void {
  sh(`(${script}) > ${work}/words 2>&1 || { cat ${work}/words >&2; false; }`);
}

/** As `create` saves them: for incremental sets to come, too. */
const trees = ({ source, work }: Bench) => [
  { source, mountPoint: '/', node: 'disk0:1', snapshot: { base: null, output: join(work, 'snapshot') } },
];

async function measureCreate(bench: Bench): Promise<[Saved, Figure[]]> {
  const { work, store, source, device, runs } = bench;
  const [plain, fsa] = [join(store, 'plain.tar.zst'), join(store, 'other.fsa')];
  const pipe = (to: string): Promise<void> => onStore(bench, () => sh(`tar -C ${source} -cf - . | ${to}`));
  let set: SmallSet | undefined;
  const quick = {
    ours: () =>
      onStore(bench, async () => {
        set = await makeSmallSet({ work: store, trees: trees(bench) });
      }),
    zstd: () => pipe(`zstd -q -T0 -3 > ${plain}`),
  };
  const slow = {
    'tar | gzip (as ReaR does)': () => pipe(`gzip > ${store}/other.tar.gz`),
    'tar | pigz': () => pipe(`pigz > ${store}/other.tar.gz`),
    'fsarchiver savefs -j2 -Z3': () =>
      onStore(bench, () => quiet(work, `fsarchiver savefs -o -A -j2 -Z3 ${fsa} ${device}`)),
  };
  const { ours, zstd, ...others } = await alternate(runs, { ...quick, ...(bench.slowWays ? slow : {}) });
  const archive = set?.archives[0];
  if (!set || !archive) throw new Error('no archive was written');
  const row = (name: string, theirs: number) => speed('create: one file system', archive, ours, name, theirs);
  const size = (await onStore(bench, () => statSync(plain).size)) / 1e6;
  return [
    { set, archive, plain, fsa },
    [
      row('tar | zstd -T0 -3', zstd),
      ...Object.entries(others).map(([name, theirs]) => row(name, theirs)),
      compare('create: archive size', 'MB', archive.size / 1e6, 'tar | zstd -T0 -3', size, 'lower'),
    ],
  ];
}

function speed(name: string, { tarSize }: Archive, ours: number, baseline: string, theirs: number): Figure {
  const megabytes = tarSize / 1e6;
  const title = `${name}, ${(megabytes / 1000).toFixed(1)} GB`;
  return compare(title, 'MB/s', megabytes / ours, baseline, megabytes / theirs, 'higher');
}

async function measureEncrypted(bench: Bench, { archive }: Saved): Promise<Figure[]> {
  const { work, store, source, runs } = bench;
  const key = join(work, 'key.txt');
  sh(`age-keygen -o ${key} 2>/dev/null`);
  const recipient = /age1\w+/.exec(readFileSync(key, 'utf8'))?.[0] ?? '';
  const recipients = await parseRecipients(recipient, 'the bench');
  const times = await alternate(runs, {
    ours: () => onStore(bench, () => makeSmallSet({ work: join(store, 'encrypted'), trees: trees(bench), recipients })),
    age: () =>
      onStore(bench, () => sh(`tar -C ${source} -cf - . | zstd -q -T0 -3 | age -r ${recipient} > ${store}/other.age`)),
  });
  return [speed('create: encrypted', archive, times.ours, 'tar | zstd -T0 -3 | age -r', times.age)];
}

async function accessOf({ set }: Saved): Promise<SetAccess> {
  return accessAtHand(await set.open());
}

async function measureRestore(bench: Bench, saved: Saved): Promise<Figure[]> {
  const { work, runs } = bench;
  const { archive, plain, fsa } = saved;
  const access = await accessOf(saved);
  const image = join(work, 'other.img');
  const size = sizeOf(bench.copies);
  const quick = {
    ours: () => intoFreshFileSystem(work, size, (target) => extractArchive({ access, archive, target })),
    tar: () =>
      intoFreshFileSystem(work, size, (target) => sh(`zstd -q -dc ${plain} | tar -xp --numeric-owner -C ${target}`)),
  };
  const slow = {
    'fsarchiver restfs -j2': () =>
      quiet(
        work,
        `rm -f ${image}; truncate -s ${size} ${image}; dev=$(losetup --find --show ${image}); trap 'losetup -d $dev' EXIT; fsarchiver restfs -j2 ${fsa} id=0,dest=$dev`,
      ),
  };
  const { ours, tar, ...others } = await alternate(runs, { ...quick, ...(bench.slowWays ? slow : {}) });
  return Object.entries({ 'zstd -dc | tar -x': tar, ...others }).map(([name, theirs]) =>
    speed('restore: one file system, verified', archive, ours, name, theirs),
  );
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
