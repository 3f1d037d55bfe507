import { execFileSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeTemporaryFolder } from '../../../../common/files/temporary-folder.ts';
import { temporaryDirectory } from '../../build/temporary.ts';

it('a folder for a moment is made in the first place that can be written, for root only', async () => {
  const [readOnly, writable] = [await temporaryDirectory(), await temporaryDirectory()];
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', readOnly]);
  onTestFinished(() => void execFileSync('umount', [readOnly]));
  const made = await makeTemporaryFolder('rekindle-x-', ['/nonexistent', readOnly, writable]);
  expect(made).toBe(join(writable, basename(made)));
  expect(lstatSync(made).mode & 0o777).toBe(0o700);
  await expect(makeTemporaryFolder('rekindle-x-', ['/nonexistent', readOnly])).rejects.toMatchObject({
    code: 'RK230',
    reason: `/nonexistent: ENOENT, ${readOnly}: EROFS`,
  });
});
