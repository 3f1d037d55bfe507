import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSmallSet } from '../../fixtures/small-set.ts';
import { biosMachine } from '../restore/plan/machines.ts';
import { complaints } from '../restore/plan/script/shellcheck.ts';

const root = join(import.meta.dirname, '../../..');
const ids = [0, 1, 2].map((level) => `22222222-0000-4000-8000-00000000000${level}`);
const createdAt = [0, 1, 2].map((level) => `2026-11-2${level}T02:00:00.000Z`);
let work = '';
/** The folder of each set's only volume, the full one first. */
const folders: string[] = [];

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-plan-bases-'));
  const layout = biosMachine();
  for (const level of [0, 1, 2]) {
    const trees = layout.nodes.flatMap(({ id, mount }) => {
      if (mount === null) return [];
      const source = join(work, `source-${id.replace(':', '-')}`);
      mkdirSync(source, { recursive: true });
      writeFileSync(join(source, `file-${level}`), mount.at);
      const snapshot = (of: number): string => join(work, 'snapshots', `${id}-${of}`);
      const files = { base: level === 0 ? null : snapshot(level - 1), output: snapshot(level) };
      return [{ source, mountPoint: mount.at, node: id, fileSystem: `uuid-${id}`, snapshot: files }];
    });
    const base = { set: ids[level - 1] ?? '', createdAt: createdAt[level - 1] ?? '', level: level - 1 };
    const set = await makeSmallSet({
      ...{ work: join(work, `set-${level}`), set: ids[level] ?? '', createdAt: createdAt[level] ?? '', layout, trees },
      lineage: { level, machineId: 'this-machine', ...(level > 0 ? { base } : {}) },
    });
    folders.push(set.directory(1));
  }
});
afterAll(() => rmSync(work, { recursive: true }));

function plan(...args: string[]) {
  const argv = ['--disable-warning=ExperimentalWarning', join(root, 'rekindle.ts'), 'plan', ...args];
  const done = spawnSync(process.execPath, [...argv, '--target', 'disk0=size:20G'], {
    encoding: 'utf8',
    cwd: '/',
    timeout: 60_000,
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

describe('[C7] rekindle plan of an incremental set', () => {
  const [full = 0, first = 1, second = 2] = [0, 1, 2];
  const folder = (level: number): string => folders[level] ?? '';

  it('takes the sets that it builds on from --base, in any order, and names them', () => {
    const { code, out, err } = plan(folder(second), '--base', folder(full), '--base', join(folder(first), '..'));
    expect(err).toBe('');
    expect(code).toBe(0);
    const taken = out.split('\n').filter((line) => line.startsWith('  takes '));
    expect(taken.map((line) => /made (\S{10})/.exec(line)?.[1])).toEqual(createdAt.map((time) => time.slice(0, 10)));
  });

  it('prints a script that takes them all, from where they are', () => {
    const { code, out, err } = plan(folder(second), '--base', folder(full), '--base', folder(first), '--script');
    expect(err).toBe('');
    expect(code).toBe(0);
    const file = join(work, 'restore.sh');
    writeFileSync(file, out);
    expect(complaints(file)).toBe('');
    for (const [number, level] of [second, first, full].entries()) {
      expect(out).toContain(`SET_ID_${number}=${ids[level]}\n`);
      expect(out).toContain(`SET_${number}=\${${number + 1}:-${folder(level)}}`);
    }
    expect(out).toMatch(
      /use_set 2\nassert_way parts_2_(\w+) (\S+)\nextract parts_2_\1 confined \2 tar .*\nuse_set 1\nassert_alone \2\nclear_attributes \2\nextract parts_1_\1 .*\nuse_set 0\nassert_alone \2\nclear_attributes \2\nextract parts_\1 .*\njoin_names index_\1 \2\nsync -f \2\n/,
    );
  });

  it('says which set is missing, and which volume belongs to none of them', () => {
    expect(plan(folder(second)).err).toMatch(/RK35\d/);
    expect(plan(folder(second), '--base', folder(first)).err).toMatch(/RK35\d/);
    const strange = plan(folder(first), '--base', folder(full), '--base', folder(second));
    expect(strange.code).toBe(5);
    expect(strange.err).toContain(`${folder(second)} holds no set that`);
    expect(plan(folder(second), '--base', folder(full)).err).toContain('or one is missing between');
  });

  it('ends where a set says that it builds on itself, or two on each other', async () => {
    const make = async (name: string, set: string, base: string): Promise<string> => {
      const lineage = { level: 1, base: { set: base, createdAt: createdAt[0] ?? '', level: 0 } };
      const options = { work: join(work, name), set, createdAt: createdAt[1] ?? '', layout: biosMachine(), trees: [] };
      return (await makeSmallSet({ ...options, lineage: { ...lineage, machineId: 'this-machine' } })).directory(1);
    };
    const [one, other] = ['33333333-0000-4000-8000-000000000001', '33333333-0000-4000-8000-000000000002'] as const;
    const itself = await make('itself', one, one);
    expect(plan(itself, '--base', itself).err).toContain('[RK302]');
    const [left, right] = [await make('left', one, other), await make('right', other, one)];
    expect(plan(left, '--base', right, '--base', left).err).toContain('[RK302]');
  }, 180_000);
});
