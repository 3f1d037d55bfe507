import { chownSync, mkdirSync, openSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStaging } from '../../../../../restore/archive/target/staging.ts';
import { temporaryDirectory } from '../../../build/temporary.ts';

describe('the folder that files are unpacked into', () => {
  /** What somebody put in the place of the folder that was made, before it was opened. */
  const others: Record<string, [words: RegExp, make: (path: string) => void]> = {
    'that holds something': [
      /is in it/,
      (path) => {
        mkdirSync(path);
        writeFileSync(join(path, 'precious'), 'mine');
      },
    ],
    'of another user': [
      /belongs to user 1234/,
      (path) => {
        mkdirSync(path, 0o755);
        chownSync(path, 1234, 1234);
      },
    ],
  };

  it.each(Object.entries(others))('is not one %s (RK311); that stays as it is', async (_, [words, make]) => {
    const work = await temporaryDirectory();
    const path = join(work, 'name');
    make(path);
    const before = [statSync(path).mode, readdirSync(path)];
    const parent = openSync(work, 'r');
    expect(() => openStaging(parent, Buffer.from('name'))).toThrowError(
      expect.objectContaining({ code: 'RK311', reason: expect.stringMatching(words) }),
    );
    expect([statSync(path).mode, readdirSync(path)]).toEqual(before);
  });

  it('is no link', async () => {
    const work = await temporaryDirectory();
    mkdirSync(join(work, 'elsewhere'));
    symlinkSync('elsewhere', join(work, 'name'));
    expect(() => openStaging(openSync(work, 'r'), Buffer.from('name'))).toThrow(/ELOOP|ENOTDIR/);
    expect(readdirSync(join(work, 'elsewhere'))).toEqual([]);
  });
});
