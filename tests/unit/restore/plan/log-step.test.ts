import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionContext } from '../../../../restore/execute/action-context.ts';
import { copyLog } from '../../../../restore/execute/copy-log.ts';
import { planContent } from '../../../../restore/layout/content.ts';
import type { LayoutArray, Origin } from '../../../../restore/layout/stack-schema.ts';
import type { Place } from '../../../../restore/plan/fill.ts';
import { copyLogStep } from '../../../../restore/plan/log-step.ts';
import { biosMachine } from './machines.ts';

const set = '11111111-2222-4333-8444-555555555555';
const crypt: Origin = { type: 'crypt', on: 'disk0:3', name: 'root' };
const plain: Origin = { type: 'partition', disk: 'disk0', number: 1 };
const array = (id: string): Origin => ({ type: 'array', array: id });

function place(at: string, origin: Origin): Place {
  const [node] = biosMachine().nodes;
  if (node?.content == null) throw new Error('no node');
  const here = { ...node, id: at, origin, mount: { at, options: 'rw' } };
  return { node: here, device: `/dev/${at}`, archives: [], content: planContent(node.content, `/dev/${at}`) };
}

function marksOf(...places: Place[]): string[] {
  const arrays = [
    { id: 'md:one', level: 'raid1' },
    { id: 'md:five', level: 'raid5' },
  ] as LayoutArray[];
  const [action] = copyLogStep({ ...biosMachine(), arrays }, places).actions;
  return action?.type === 'copy-log' ? (action.marks ?? []) : ['no log'];
}

describe('where the marker of a restore is put [C14]', () => {
  it('only on /, where that can be looked at', () => {
    expect(marksOf(place('/', plain), place('/boot', plain))).toEqual([]);
    expect(marksOf(place('/', array('md:one')))).toEqual([]);
  });

  it('also where no layer must be opened to look at it, or else on a mirror', () => {
    expect(marksOf(place('/', crypt), place('/boot', array('md:one')), place('/boot/efi', plain))).toEqual([
      '/mnt/target/boot/efi',
    ]);
    expect(marksOf(place('/', crypt), place('/boot', array('md:one')))).toEqual(['/mnt/target/boot']);
    expect(marksOf(place('/', crypt), place('/boot', array('md:five')))).toEqual([]);
  });
});

describe('the marker [C14]', () => {
  let work = '';
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'rekindle-marker-'));
    for (const name of ['root', 'boot', 'linked', 'outside']) mkdirSync(join(work, name));
    symlinkSync(join(work, 'outside'), join(work, 'linked/rekindle'));
    utimesSync(join(work, 'boot'), 1000, 1000);
    for (const name of ['log', 'journal']) writeFileSync(join(work, name), '');
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('is the same in each place, shows in no time of a directory, and follows no link', async () => {
    const context = {
      set: { info: { set, rekindleVersion: '0' } },
      journal: { path: join(work, 'journal') },
      logFile: join(work, 'log'),
      losses: { lost: null },
    } as unknown as ActionContext;
    const marks = ['boot', 'linked', 'not-there'].map((name) => join(work, name));
    await copyLog({ type: 'copy-log', root: join(work, 'root'), marks }, context);
    const text = readFileSync(join(work, 'root/var/log/rekindle/restored.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ set, lost: 0 });
    expect(readFileSync(join(work, 'boot/rekindle/restored.json'), 'utf8')).toBe(text);
    expect(statSync(join(work, 'boot')).mtimeMs).toBe(1_000_000);
    expect(lstatSync(join(work, 'outside/restored.json'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('lies where the restored machine sees /var/log, and is no link of it', async () => {
    const root = join(work, 'with-links');
    mkdirSync(join(root, 'data/logs/rekindle'), { recursive: true });
    symlinkSync('/data', join(root, 'var'));
    symlinkSync('/data/logs', join(root, 'data/log'));
    for (const name of ['restore.log', 'restored.json'])
      symlinkSync(join(work, 'outside', name), join(root, 'data/logs/rekindle', name));
    const context = {
      set: { info: { set, rekindleVersion: '0' } },
      journal: { path: join(work, 'journal') },
      logFile: join(work, 'log'),
      losses: { lost: null },
    } as unknown as ActionContext;
    await copyLog({ type: 'copy-log', root }, context);
    for (const name of ['restore.log', 'journal.jsonl', 'restored.json'])
      expect(lstatSync(join(root, 'data/logs/rekindle', name)).isFile()).toBe(true);
    rmSync(join(root, 'data/logs/rekindle'), { recursive: true });
    symlinkSync(join(work, 'outside'), join(root, 'data/logs/rekindle'));
    await expect(copyLog({ type: 'copy-log', root }, context)).rejects.toMatchObject({ code: 'RK374' });
    expect(readdirSync(join(work, 'outside'))).toEqual([]);
  });
});
