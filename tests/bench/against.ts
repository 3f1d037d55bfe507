// `npm run bench -- --against CHECKOUT [--runs N]`: this checkout beside another one of this repository (an earlier commit, with its
// npm packages), for what a change may slow down. Both take turns in one run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianTar } from '../vm/sources/debian.ts';
import { compare, type Figure } from './figure.ts';
import { alternate, intoFreshFileSystem, makeFileSystem, sh, withFileSystem } from './lab.ts';

const here = join(import.meta.dirname, '../..');
const size = '5G';

/** The same few calls of either checkout. */
async function loadCheckout(directory: string) {
  const load = (path: string) => import(join(directory, path));
  const [{ makeSmallSet }, { extractArchive }, { accessAtHand }, { verifySet }] = (await Promise.all([
    load('tests/fixtures/small-set.ts'),
    load('restore/archive/extract-archive.ts'),
    load('restore/archive/open-archive.ts'),
    load('restore/archive/verify-set.ts'),
  ])) as [
    typeof import('../fixtures/small-set.ts'),
    typeof import('../../restore/archive/extract-archive.ts'),
    typeof import('../../restore/archive/open-archive.ts'),
    typeof import('../../restore/archive/verify-set.ts'),
  ];
  return { makeSmallSet, extractArchive, accessAtHand, verifySet };
}

type Checkout = Awaited<ReturnType<typeof loadCheckout>>;
type Pair<T> = { ours: T; theirs: T };

function save(checkout: Checkout, work: string, source: string) {
  const snapshot = { base: null, output: join(work, 'snapshot') };
  return checkout.makeSmallSet({ work, trees: [{ source, mountPoint: '/', node: 'disk0:1', snapshot }] });
}

async function openedBy(checkout: Checkout, set: Awaited<ReturnType<typeof save>>) {
  const access = checkout.accessAtHand(await set.open());
  const archive = access.set.manifest?.archives[0];
  if (archive === undefined) throw new Error('no archive was written');
  return { checkout, access, archive };
}

type Opened = Awaited<ReturnType<typeof openedBy>>;

async function measureAll(work: string, source: string, sides: Pair<Checkout>, runs: number): Promise<Figure[]> {
  const sets: Partial<Pair<Awaited<ReturnType<typeof save>>>> = {};
  const saving = (side: keyof typeof sides) => async () => {
    sets[side] = await save(sides[side], join(work, side), source);
  };
  const create = await alternate(runs, { ours: saving('ours'), theirs: saving('theirs') });
  if (!sets.ours || !sets.theirs) throw new Error('nothing was saved');
  const opened = { ours: await openedBy(sides.ours, sets.ours), theirs: await openedBy(sides.theirs, sets.theirs) };
  const extracting =
    ({ checkout, access, archive }: Opened) =>
    () =>
      intoFreshFileSystem(work, size, (target) => checkout.extractArchive({ access, archive, target }));
  const verifying =
    ({ checkout, access }: Opened) =>
    async () => {
      if ((await checkout.verifySet(access)).length > 0) throw new Error('the set is damaged');
    };
  const restore = await alternate(runs, { ours: extracting(opened.ours), theirs: extracting(opened.theirs) });
  const verify = await alternate(runs, { ours: verifying(opened.ours), theirs: verifying(opened.theirs) });
  const megabytes = opened.ours.archive.tarSize / 1e6;
  return Object.entries({ create, restore, verify }).map(([name, { ours, theirs }]) =>
    compare(name, 'MB/s', megabytes / ours, 'the other checkout', megabytes / theirs, 'higher'),
  );
}

/** Creates, restores and verifies one Debian with both. @param other the other checkout's directory */
export async function measureAgainst(other: string, runs: number): Promise<Figure[]> {
  const work = mkdtempSync(join(tmpdir(), 'rekindle-against-'));
  try {
    const [image, source] = [join(work, 'source.img'), join(work, 'source')];
    makeFileSystem(image, size);
    const debian = await debianTar();
    return await withFileSystem(image, source, async () => {
      sh(`tar -xpf ${debian} -C ${source} --numeric-owner`);
      const sides = { ours: await loadCheckout(here), theirs: await loadCheckout(other) };
      return await measureAll(work, source, sides, runs);
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
