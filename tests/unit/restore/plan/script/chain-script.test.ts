import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSet } from '../../../../../restore/archive/open-set.ts';
import { directoryStore } from '../../../../../restore/archive/store/directory.ts';
import { renderScript, type SetOfScript } from '../../../../../restore/plan/script/render-script.ts';
import type { Action, Plan } from '../../../../../restore/plan/step.ts';
import { blankDevice, describeAll, mounted, saveThreeLevels, setId } from '../../../../fixtures/chain-of-sets.ts';
import { clearFlags } from '../../../../fixtures/difficult-tree.ts';
import { twoSmallSets } from '../../../../fixtures/two-small-sets.ts';
import { targetDisk } from '../machines.ts';
import { complaints } from './shellcheck.ts';

function temporary(): string {
  const work = mkdtempSync(join(tmpdir(), 'rekindle-chain-script-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  return work;
}

/** Of the directories, the newest set first. */
async function setsIn(directories: readonly string[]): Promise<[SetOfScript, ...SetOfScript[]]> {
  const sets = await Promise.all(directories.map((directory) => openSet([directoryStore(directory)])));
  const [wanted, ...others] = sets.flatMap(({ info, manifest, volumes }) =>
    manifest === null ? [] : [{ set: info.set, manifest, directory: volumes.get(1)?.directory ?? null }],
  );
  if (!wanted) throw new Error('no set');
  return [wanted, ...others];
}

interface Filled {
  device: string;
  at: string;
  archive: string;
  before: { set: string; archive: string }[];
}

function fills({ device, at, archive, before }: Filled): Action[] {
  return [
    { type: 'mkdir', path: at, mode: 0o755 },
    { type: 'run', argv: ['mount', device, at] },
    { type: 'extract', archive, at, device, before },
    { type: 'inode-flags', archive, at },
    { type: 'run', argv: ['umount', at] },
  ];
}

function planOf(set: string, actions: Action[]): Plan {
  const step = { id: 'x', title: 'fill them', target: '', destroys: null, weightBytes: 0, actions };
  const targets = [{ source: 'disk0', disk: targetDisk({ path: '/dev/none', name: 'none' }) }];
  return { set, digest: '', targets, steps: [step], warnings: [] };
}

interface Script {
  plan: Plan;
  sets: [SetOfScript, ...SetOfScript[]];
  args?: string[];
  env?: Record<string, string>;
}

/** By the script alone, in a mount namespace of its own. */
function restore(work: string, { plan, sets, args = [], env = {} }: Script): { code: number | null; text: string } {
  const file = join(work, 'restore.sh');
  writeFileSync(file, renderScript({ plan, sets }));
  expect(complaints(file)).toBe('');
  const how = { encoding: 'utf8', input: 'none\n', env: { PATH: process.env.PATH, ...env } } as const;
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'dash', file, ...args], how);
  return { code: status, text: stdout + stderr };
}

describe('[B10] [C7] the script of an incremental set', () => {
  it('gives what the machine was: deleted, renamed and replaced files, names of one file, flags', async () => {
    const work = temporary();
    const saved = await saveThreeLevels(work);
    const sets = await setsIn(saved.map(({ written }) => written.directory(1)).reverse());
    const filled: Filled[] = [];
    for (const index of [0, 1]) {
      const names = saved.map(({ written }) => written.archives[index]?.name ?? '');
      filled.push({
        device: await blankDevice(work, `target-${index}`),
        at: join(work, `target-${index}`),
        archive: names[2] ?? '',
        before: names.slice(0, 2).map((archive, level) => ({ set: setId(level), archive })),
      });
    }
    const { code, text } = restore(work, { plan: planOf(setId(2), filled.flatMap(fills)), sets });
    expect(code === 0 ? '' : text).toBe('');
    const roots: string[] = [];
    for (const [index, { device }] of filled.entries())
      roots.push(await mounted(device, join(work, `restored-${index}`), []));
    expect(describeAll(roots)).toEqual(saved[2].state);
    for (const root of roots) clearFlags(root);
  }, 300_000);

  it('opens sets that have different keys, and takes their directories as arguments', async () => {
    const work = temporary();
    const { directories, keys } = await twoSmallSets(work, true);
    const [full = '', changes = ''] = directories;
    const [fullKey, changesKey] = keys.map((key, level) => {
      const file = join(work, `key-${level}`);
      writeFileSync(file, key);
      return file;
    });
    const [wanted, base] = await setsIn([changes, full]);
    if (!base) throw new Error('no base');
    const { name } = wanted.manifest.archives[0] ?? { name: '' };
    const device = await blankDevice(work, 'target');
    const before = [{ set: setId(0), archive: base.manifest.archives[0]?.name ?? '' }];
    const plan = planOf(setId(1), fills({ device, at: join(work, 'at'), archive: name, before }));
    const unknown: Script['sets'] = [
      { ...wanted, directory: null },
      { ...base, directory: null },
    ];
    const env = { KEY: changesKey ?? '', KEY_1: fullKey ?? '' };
    const alone = restore(work, { plan, sets: unknown, args: [changes], env });
    expect(alone.code).not.toBe(0);
    expect(alone.text).toContain(`the directory of set ${setId(0)}`);
    const wrong = restore(work, { plan, sets: unknown, args: [changes, changes], env });
    expect(wrong.code).toBe(1);
    expect(wrong.text).toContain(`is neither the directory of set ${setId(0)} nor a medium that holds it.`);
    const gone = restore(work, { plan, sets: unknown, args: [join(work, 'none'), full], env });
    expect(gone).toMatchObject({ code: 1, text: expect.stringContaining(`none is neither the directory of set`) });
    const image = restore(work, { plan, sets: unknown, args: [join(work, 'key-0'), full], env });
    expect(image).toMatchObject({ code: 1, text: expect.stringContaining('key-0 is a file: mount it first') });
    for (const each of [wrong, gone, image]) expect(each.text).not.toContain('grep:');
    // One of them as the medium that holds it.
    const medium = join(work, 'medium');
    mkdirSync(join(medium, 'rekindle'), { recursive: true });
    symlinkSync(changes, join(medium, 'rekindle', setId(1)));
    const { code, text } = restore(work, { plan, sets: unknown, args: [medium, full], env });
    expect(code === 0 ? '' : text).toBe('');
    const root = await mounted(device, join(work, 'restored'), []);
    expect(readFileSync(join(root, 'kept'), 'utf8')).toBe('kept');
    expect(readFileSync(join(root, 'new-0'), 'utf8')).toBe('new');
  }, 120_000);

  it('writes nothing when a set that it builds on is damaged', async () => {
    const work = temporary();
    const { directories } = await twoSmallSets(work);
    const [full = '', changes = ''] = directories;
    const sets = await setsIn([changes, full]);
    const archive = sets[0].manifest.archives[0]?.name ?? '';
    const before = [{ set: setId(0), archive: sets[1]?.manifest.archives[0]?.name ?? '' }];
    const file = join(full, `archives/${before[0]?.archive}.tar.zst`);
    const bytes = readFileSync(file);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const at = join(work, 'at');
    const { code, text } = restore(work, {
      plan: planOf(setId(1), fills({ device: '/dev/none', at, archive, before })),
      sets,
    });
    expect(code).not.toBe(0);
    expect(text).toContain('.tar.zst: FAILED');
    expect(text).not.toContain('fill them');
  });

  it('deletes nothing where something is mounted below, and joins no names of a damaged index', async () => {
    const work = temporary();
    const { directories } = await twoSmallSets(work);
    const sets = await setsIn(directories.toReversed());
    const [archive = '', base = ''] = sets.map(({ manifest }) => manifest.archives[0]?.name ?? '');
    const before = [{ set: setId(0), archive: base }];
    const device = await blankDevice(work, 'target');
    const at = join(work, 'at');
    const below: Action[] = [
      { type: 'run', argv: ['mkdir', join(at, 'below')] },
      { type: 'run', argv: ['mount', '-t', 'tmpfs', 'tmpfs', join(at, 'below')] },
    ];
    const actions = fills({ device, at, archive, before });
    const plan = planOf(setId(1), [...actions.slice(0, 2), ...below, ...actions.slice(2)]);
    const { code, text } = restore(work, { plan, sets });
    expect(code).toBe(1);
    expect(text).toContain(`Something is mounted below ${at}.`);
    const script = readFileSync(join(work, 'restore.sh'), 'utf8');
    const functions = script.slice(script.indexOf('die() {'), script.indexOf('KEY_0='));
    const half = `set -eu\n${functions}\ndecrypt() { cat; }\nindex() { printf 'L\\t0\\t./a\\n' | zstd -qc; }\njoin_names index ${at}\necho went on`;
    const joined = spawnSync('dash', ['-c', half], { encoding: 'utf8' });
    expect(joined.status).toBe(1);
    expect(joined.stderr).toContain('were not joined to the end');
  }, 120_000);
});
