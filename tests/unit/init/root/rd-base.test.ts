import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { umount } from '@rekindle/linux-syscalls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { assertRoomForCopy, checkRdBase, copyRdBase, rootMounts } from '../../../../init/root/rd-base.ts';

const content = randomBytes((3 << 20) + 17);
const expected = {
  path: 'rd-base.squashfs',
  size: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
};

let directory = '';
let file = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rd-base-'));
  file = join(directory, 'rd-base.squashfs');
  writeFileSync(file, content);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('rd-base is checked before it is mounted', () => {
  it('[A9] and copied on the way when it shall lie in RAM', async () => {
    const copy = join(directory, 'copy');
    await checkRdBase(file, expected, copy);
    expect(readFileSync(copy).equals(content)).toBe(true);
    await checkRdBase(file, expected, null);
  });

  it('[A13] one flipped bit, a missing end and an unreadable file are RK105', async () => {
    const flipped = Buffer.from(content);
    flipped[2 << 20] = (flipped[2 << 20] ?? 0) ^ 1;
    const damaged = join(directory, 'damaged');
    writeFileSync(damaged, flipped);
    await expect(checkRdBase(damaged, expected, null)).rejects.toMatchObject({
      code: 'RK105',
      reason: expect.stringContaining(`must be ${expected.sha256}`),
    });
    writeFileSync(damaged, content.subarray(0, 1 << 20));
    await expect(checkRdBase(damaged, expected, null)).rejects.toMatchObject({
      code: 'RK105',
      reason: expect.stringContaining(`1048576 bytes, ${content.length} were written`),
    });
    await expect(checkRdBase(join(directory, 'none'), expected, null)).rejects.toMatchObject({
      code: 'RK105',
      reason: expect.stringContaining('ENOENT'),
    });
  });

  it('a FIFO, a device, a link and a folder are RK105, at once', async () => {
    const odd = join(directory, 'odd');
    for (const make of [
      ['mkfifo', odd],
      ['mknod', odd, 'c', '1', '5'],
      ['ln', '-s', file, odd],
      ['mkdir', odd],
    ] as const) {
      await run([...make]);
      await expect(checkRdBase(odd, expected, null)).rejects.toMatchObject({ code: 'RK105' });
      rmSync(odd, { recursive: true });
    }
  });

  it('a copy in memory that is not right does not stay there', async () => {
    expect(readFileSync(await copyRdBase(file, expected)).equals(content)).toBe(true);
    umount(rootMounts.copy);
    const wrong = { ...expected, sha256: 'ab'.repeat(32) };
    await expect(copyRdBase(file, wrong)).rejects.toMatchObject({ code: 'RK105' });
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(` ${rootMounts.copy} `);
    expect(() => assertRoomForCopy(2 ** 50)).toThrow(expect.objectContaining({ code: 'RK108' }));
  });
});
