import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RekindleError } from '../../../../common/errors/error.ts';
import { matchDisks, readAnswerFile } from '../../../../restore/execute/answer-file.ts';
import type { TargetDisk } from '../../../../restore/plan/step.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'answer-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function read(text: string): ReturnType<typeof readAnswerFile> {
  const file = join(directory, 'answer.toml');
  writeFileSync(file, text);
  return readAnswerFile(file);
}

function disk(name: string, serial: string, sizeBytes = 20e9, refusal: string | null = null): TargetDisk {
  return {
    path: `/dev/${name}`,
    name,
    model: 'QEMU',
    serial,
    wwn: null,
    sizeBytes,
    logicalSectorBytes: 512,
    transport: null,
    removable: false,
    contents: [],
    refusal,
  };
}

describe('an answer file', () => {
  it.each([
    'afterwards = "reboot"\npassphrase = Xq7vLpW9zKd2\n',
    'Xq7vLpW9zKd2 = "unfinished\n',
    'Xq7vLpW9zKd2=1\nXq7vLpW9zKd2=2\n',
    '[[secret]]\nname = "luks"\nfile = "Xq7vLpW9zKd2\n',
  ])('[B11] that is no TOML is refused by its line and column, without what stands there: %#', async (text) => {
    const reason = await read(text).catch((error: unknown) => (error instanceof RekindleError ? error.reason : ''));
    expect(reason).toMatch(/line \d+, column \d+/);
    expect(reason).not.toMatch(/Xq7v|Kd2/);
  });

  it('[C14] names its disk by serial and size; the rest has defaults', async () => {
    const answer = await read('[[disk]]\nsource = "disk0"\nserial = "S1"\nsize = "20 GB"\n');
    expect(answer).toMatchObject({ afterwards: 'reboot', countdown: 10 });
    expect(matchDisks(answer, [disk('vda', 'S1'), disk('vdb', 'S2')])).toEqual([{ source: 'disk0', disk: '/dev/vda' }]);
  });

  it.each([
    ['a typing error in a key', '[[disk]]\nsource = "disk0"\nserail = "S1"\n'],
    ['a disk by nothing but its name', '[[disk]]\nsource = "disk0"\n'],
    ['an unknown unit', '[[disk]]\nsource = "disk0"\nserial = "S1"\nsize = "20 Giga"\n'],
    ['no disk', 'countdown = 3\n'],
    ['no TOML', 'this is = = not'],
  ])('with %s is refused as a whole', async (_what, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'RK459' });
  });

  it('[C14] [C4] that two disks fit, or none, or one that cannot be a target, is refused by its own code', async () => {
    const answer = await read('[[disk]]\nsource = "disk0"\nserial = "S1"\nsize = "20 GB"\n');
    const refused = (here: TargetDisk[]): unknown =>
      expect.objectContaining({ code: 'RK460', reason: expect.stringContaining(here[0]?.name ?? 'no disk') });
    for (const here of [
      [disk('vda', 'S1'), disk('vdb', 'S1')],
      [],
      [disk('vda', 'S1', 40e9)],
      [disk('vda', 'S1', 20e9, 'this medium')],
    ]) {
      let failure: unknown;
      try {
        matchDisks(answer, here);
      } catch (error) {
        failure = error;
      }
      expect(failure).toEqual(refused(here));
    }
  });
});
