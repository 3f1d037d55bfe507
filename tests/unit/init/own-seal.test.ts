import { chmodSync, existsSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { handedOnSealPath, readSeal } from '../../../common/medium-seal.ts';
import { handOnSeal, readOwnSeal } from '../../../init/own-seal.ts';
import { temporaryDirectory } from '../build/temporary.ts';

const seal = { rdBase: { size: 4096, sha256: 'ab'.repeat(32) }, journalKey: 'cd'.repeat(32) };

it('an initrd without a seal starts nothing (RK112), nor does one whose seal is damaged (RK113)', async () => {
  const file = join(await temporaryDirectory(), 'seal.json');
  await expect(readOwnSeal(file)).rejects.toMatchObject({ code: 'RK112' });
  writeFileSync(file, JSON.stringify(seal).slice(1));
  await expect(readOwnSeal(file)).rejects.toMatchObject({ code: 'RK113' });
  writeFileSync(file, JSON.stringify(seal));
  expect(await readOwnSeal(file)).toEqual(seal);
});

it('is handed on to the engine as a file of root alone, whatever was there before', async () => {
  const elsewhere = join(await temporaryDirectory(), 'elsewhere');
  const before = [
    () => undefined,
    () => {
      writeFileSync(handedOnSealPath, 'old');
      chmodSync(handedOnSealPath, 0o644);
    },
    () => symlinkSync(elsewhere, handedOnSealPath),
  ];
  for (const put of before) {
    rmSync(handedOnSealPath, { force: true });
    put();
    handOnSeal(seal);
    expect(lstatSync(handedOnSealPath).mode).toBe(0o100600);
    expect(await readSeal(handedOnSealPath)).toEqual(seal);
    expect(readFileSync(handedOnSealPath, 'utf8')).toContain(seal.journalKey);
  }
  expect(existsSync(elsewhere)).toBe(false);
});
