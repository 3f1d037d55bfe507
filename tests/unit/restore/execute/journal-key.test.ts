import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parseIdentities } from '../../../../restore/archive/age/identities.ts';
import { loadAge } from '../../../../restore/archive/age/library.ts';
import { parseRecipients } from '../../../../restore/archive/age/recipients.ts';
import { accessAtHand } from '../../../../restore/archive/open-archive.ts';
import { deriveKey } from '../../../../restore/archive/unlock.ts';
import { journalPurpose } from '../../../../restore/execute/opened-set.ts';
import { ended } from '../../../fixtures/interrupted.ts';
import {
  doneBefore,
  infectedMachine,
  type Machine,
  nameOfDisk,
  onDisk,
  plant,
  sealedFiles,
  startedOn,
} from '../../../fixtures/remembering-disk.ts';
import { makeSmallSet } from '../../../fixtures/small-set.ts';

/** A set that opens with each of two keys, and a machine that it was taken from. */
async function encrypted(): Promise<{
  here: Machine;
  keys: [string, string];
  sealing: (key: string) => Promise<Buffer>;
}> {
  const work = mkdtempSync(join(tmpdir(), 'journal-key-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  mkdirSync(join(work, 'root'));
  writeFileSync(join(work, 'root/good'), 'good');
  const { generateX25519Identity, identityToRecipient } = await loadAge();
  const keys: [string, string] = [await generateX25519Identity(), await generateX25519Identity()];
  const names = await Promise.all(keys.map((key) => identityToRecipient(key)));
  const trees = [{ source: join(work, 'root'), mountPoint: '/', node: 'disk0:1' }];
  const recipients = await parseRecipients(names.join('\n'), 'the test');
  const set = await makeSmallSet({ work, trees, recipients });
  const sealing = async (key: string): Promise<Buffer> => {
    const access = accessAtHand(await set.open(), await parseIdentities(key, 'the test'));
    const derived = await deriveKey(access, journalPurpose);
    if (derived === null) throw new Error('no archive');
    return derived;
  };
  return { here: await infectedMachine(set, null), keys, sealing };
}

async function planted({ device, work, facts, plan }: Machine, key: Buffer): Promise<void> {
  await onDisk(device, work, (root) => plant(root, sealedFiles(facts, doneBefore(plan, 'boot:loader'), key)));
}

it('[C10] [B8] a journal of an encrypted set is proven once the set is unlocked, by whichever of its keys', async () => {
  const { here, keys, sealing } = await encrypted();
  await planted(here, await sealing(keys[0]));
  expect(await sealing(keys[0])).toEqual(await sealing(keys[1]));
  const engine = await startedOn(here);
  expect(engine.state).toMatchObject({
    failure: { code: 'RK468' },
    unproven: { locked: true },
    continueAt: 'boot:loader',
  });
  for (const typed of ['', nameOfDisk])
    expect(() => engine.continueRestore(typed)).toThrow(expect.objectContaining({ code: 'RK315' }));
  await engine.unlock({ kind: 'key', text: keys[1] });
  expect(engine.state).toMatchObject({ failure: { code: 'RK468' }, unproven: null, continueAt: 'boot:loader' });
  engine.continueRestore();
  await ended(engine);
  expect(engine.state.phase).toBe('restored');
});

it('[C10] [B8] who read the medium cannot seal one of an encrypted set', async () => {
  const { here, keys } = await encrypted();
  await planted(here, Buffer.from('a1'.repeat(32), 'hex'));
  const engine = await startedOn(here);
  await engine.unlock({ kind: 'key', text: keys[0] });
  expect(engine.state).toMatchObject({ failure: { code: 'RK490' }, unproven: { locked: false } });
  expect(() => engine.continueRestore()).toThrow(expect.objectContaining({ code: 'RK455' }));
});
