// What is not a file of Rekindle's where a target remembers, and what is left there at the end.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { stateDirectory } from '../../../../restore/execute/keep-place.ts';
import { ended } from '../../../fixtures/interrupted.ts';
import {
  doneBefore,
  infectedMachine,
  onDisk,
  plant,
  sealedFiles,
  startedOn,
} from '../../../fixtures/remembering-disk.ts';
import { makeSmallSet, type SmallSet } from '../../../fixtures/small-set.ts';

let shared = '';
let set: SmallSet;
beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'hostile-state-'));
  mkdirSync(join(shared, 'root'));
  writeFileSync(join(shared, 'root/good'), 'good');
  set = await makeSmallSet({
    work: shared,
    trees: [{ source: join(shared, 'root'), mountPoint: '/', node: 'disk0:1' }],
  });
});
afterAll(() => rmSync(shared, { recursive: true, force: true }));

const nothing = { phase: 'idle', plan: null, continueAt: null, failure: null };

describe('[C10] what lies where a target remembers', () => {
  it.each([
    ['a FIFO', 'mkfifo restore.json; touch journal.jsonl'],
    ['a FIFO as journal', 'cp ../facts restore.json; mkfifo journal.jsonl'],
    ['a huge file', 'truncate -s 8G restore.json; truncate -s 8G journal.jsonl'],
    ['a huge journal', 'cp ../facts restore.json; truncate -s 1T journal.jsonl'],
    ['a deep value', 'head -c 900000 /dev/zero | tr "\\0" "[" > restore.json; cp ../lines journal.jsonl'],
    ['deep lines', 'cp ../facts restore.json; head -c 900000 /dev/zero | tr "\\0" "[" > journal.jsonl'],
    ['a link', 'ln -s ../facts restore.json; cp ../lines journal.jsonl'],
    ['a device', 'mknod restore.json c 1 5; cp ../lines journal.jsonl'],
    ['nothing', 'true'],
    [
      'a link to a directory',
      'cd ..; rmdir .rekindle-restore; mkdir elsewhere; cp facts elsewhere/restore.json; cp lines elsewhere/journal.jsonl; ln -s elsewhere .rekindle-restore',
    ],
  ])('is never waited for, nor followed: %s', async (_name, script) => {
    const here = await infectedMachine(set);
    const [facts, lines] = sealedFiles(here.facts, doneBefore(here.plan, 'log'), here.key);
    await onDisk(here.device, here.work, async (root) => {
      mkdirSync(join(root, stateDirectory));
      writeFileSync(join(root, 'facts'), facts);
      writeFileSync(join(root, 'lines'), lines);
      await run(['sh', '-ec', `cd ${join(root, stateDirectory)}; ${script}`]);
    });
    expect((await startedOn(here)).state).toMatchObject(nothing);
  });
});

describe('[C10] at the end of a restore', () => {
  const sealed = /"mac":"[0-9a-f]{64}"/;
  async function bytesOf(device: string): Promise<string> {
    await run(['blockdev', '--flushbufs', device]);
    return readFileSync(device).toString('latin1');
  }

  it.each(['went on', 'began anew'])(
    'that %s, nothing that was sealed stays on the disk, not even in its free space',
    async (how) => {
      const here = await infectedMachine(set);
      await onDisk(here.device, here.work, (root) => {
        // Elsewhere on the disk than where a new file system would have its own.
        writeFileSync(join(root, 'files'), Buffer.alloc(12 << 20, 1));
        plant(root, sealedFiles(here.facts, doneBefore(here.plan, 'boot:loader'), here.key));
      });
      expect(await bytesOf(here.device)).toMatch(sealed);
      const engine = await startedOn(here);
      expect(engine.state).toMatchObject({ failure: { code: 'RK468' }, continueAt: 'boot:loader' });
      if (how === 'went on') engine.continueRestore();
      else engine.start(here.plan.digest, here.plan.targets[0]?.disk.name ?? '');
      await ended(engine);
      expect(engine.state.phase).toBe('restored');
      const disk = await bytesOf(here.device);
      expect(disk).toContain('rekindleVersion');
      expect(disk).not.toMatch(sealed);
      expect(disk).not.toContain('"facts":{');
    },
  );

  it('that began anew and stops at its first check, not a bit was written: the disk may be another one', async () => {
    const here = await infectedMachine(set);
    const facts = { ...here.facts, plan: '0'.repeat(64) };
    await onDisk(here.device, here.work, (root) =>
      plant(root, sealedFiles(facts, doneBefore(here.plan, 'boot:loader'), here.key)),
    );
    const [check, ...others] = here.plan.steps;
    const [action] = check?.actions ?? [];
    if (check === undefined || action?.type !== 'assert-disk') throw new Error('no check');
    const steps = [{ ...check, actions: [{ ...action, sizeBytes: action.sizeBytes + 512 }] }, ...others];
    const before = await bytesOf(here.device);
    const engine = await startedOn(here, { plan: { ...here.plan, steps } });
    await engine.plan([]);
    engine.start(here.plan.digest, here.plan.targets[0]?.disk.name ?? '');
    await ended(engine);
    expect(engine.state.failure?.code).toBe('RK451');
    expect(engine.state.written).toContain('Nothing was written');
    expect((await bytesOf(here.device)) === before).toBe(true);
  });
});
