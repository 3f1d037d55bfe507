import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { assertChains } from '../../../../restore/archive/incremental/chain.ts';
import { extractChain } from '../../../../restore/archive/incremental/extract-chain.ts';
import { accessAtHand } from '../../../../restore/archive/open-archive.ts';
import { openSet, type RecoverySet } from '../../../../restore/archive/open-set.ts';
import { isoStores } from '../../../../restore/archive/store/iso.ts';
import { debianKernel } from '../debian-kernel.ts';
import { smallFileSystem, temporaryDirectory } from '../temporary.ts';

const uuid = '6c2f9e4e-0000-4000-8000-000000000001';

beforeAll(async () => {
  await debianKernel();
}, 300_000);

interface Machine {
  root: string;
  media: string;
  store: string;
}

async function create(machine: Machine, name: string, level: string, id = uuid): Promise<string> {
  const script = join(import.meta.dirname, 'create-child.ts');
  const to = `iso:${join(machine.media, name)}`;
  const argv = ['--disable-warning=ExperimentalWarning', script, machine.root, id, to, machine.store, level];
  return (await run([process.execPath, ...argv], { okExit: [0, 1] })).stdout;
}

async function opened(machine: Machine, name: string): Promise<RecoverySet> {
  return openSet([...(await isoStores(join(machine.media, name))).values()]);
}

describe('create --level', () => {
  it('[B10] [B13] makes sets that build on each other, keeps what the next one needs, and deletes no medium', async () => {
    const root = await smallFileSystem(200);
    const machine = { root, media: await temporaryDirectory(), store: join(root, 'var/snapshots') };
    await run(['dd', 'if=/dev/urandom', `of=${join(root, 'data')}`, 'bs=1M', 'count=20', 'status=none']);
    await mkdir(join(root, 'folder'));
    await writeFile(join(root, 'folder/gone'), 'x');
    expect(await create(machine, 'early.iso', 'incremental')).toContain('"code":"RK350"');
    expect(await readdir(machine.media)).toEqual([]);
    await sleep(1500); // older than the snapshot, by more than its margin

    expect(await create(machine, 'full.iso', 'full')).toMatch(/^result .*"warnings":\[\]/);
    await rm(join(root, 'folder/gone'));
    await writeFile(join(root, 'folder/new'), 'y');
    expect(await create(machine, 'one.iso', 'incremental')).toMatch(/^result .*"warnings":\[\]/);
    await writeFile(join(root, 'folder/newer'), 'z');
    expect(await create(machine, 'two.iso', 'incremental')).toMatch(/^result .*"warnings":\[\]/);
    expect(await create(machine, 'other.iso', 'incremental', uuid.replace(/1$/, '2'))).toMatch(
      /"code":"RK350".*holds no file system that is mounted now/,
    );

    const [full, one, two] = await Promise.all(['full.iso', 'one.iso', 'two.iso'].map((name) => opened(machine, name)));
    if (!full || !one || !two) throw new Error('a set is missing');
    expect([full, one, two].map(({ manifest }) => [manifest?.level, manifest?.base?.set])).toEqual([
      [0, undefined],
      [1, full.info.set],
      [2, one.info.set],
    ]);
    expect(full.manifest?.archives[0]?.tarSize).toBeGreaterThan(20 << 20);
    expect(two.manifest?.archives[0]?.tarSize).toBeLessThan(1 << 20);
    // All three: the newest needs the others. Nobody but root reads them.
    expect((await readdir(machine.store)).toSorted()).toEqual([full, one, two].map(({ info }) => info.set).toSorted());
    const kept = join(machine.store, two.info.set, 'base.json');
    expect((await stat(kept)).mode & 0o777).toBe(0o600);
    expect((await stat(join(machine.store, two.info.set))).mode & 0o777).toBe(0o700);

    const target = await smallFileSystem(200);
    const [chain = []] = assertChains<RecoverySet>(two, [one, full]);
    await extractChain({ links: chain.map(({ set, archive }) => ({ access: accessAtHand(set), archive })), target });
    await run(['diff', '--recursive', '--no-dereference', '--exclude=snapshots', root, target]);
    expect((await readdir(machine.media)).toSorted()).toEqual(['full.iso', 'one.iso', 'two.iso']);
  }, 600_000);
});
