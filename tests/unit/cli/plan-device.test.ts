import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../../../common/run.ts';
import { makeSmallSet } from '../../fixtures/small-set.ts';
import { onDevice, whileMounted } from '../restore/plan/part/on-disk.ts';

it('[C12] a healthy machine was not started from a medium: the disk that the backup lies on is called that', {
  timeout: 120_000,
}, async () => {
  const work = mkdtempSync(join(tmpdir(), 'plan-device-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  mkdirSync(join(work, 'source'));
  writeFileSync(join(work, 'source/file'), 'content');
  const set = await makeSmallSet({ work, trees: [{ source: join(work, 'source'), mountPoint: '/', node: 'disk0:1' }] });
  await onDevice(100 * 2 ** 20, async (device) => {
    await run(['sfdisk', '-q', device], { input: 'label: gpt\nsize=40M\nsize=40M\n' });
    await run(['partx', '-a', device]);
    await run(['mkfs.ext4', '-q', `${device}p1`]);
    await whileMounted(`${device}p1`, async (at) => {
      cpSync(set.directory(1), join(at, 'set'), { recursive: true });
      const script = join(import.meta.dirname, '../../../rekindle.ts');
      const words = ['plan', join(at, 'set'), '--file-system', '/', '--device', `${device}p2`];
      const done = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...words], {
        encoding: 'utf8',
      });
      expect(done).toMatchObject({ status: 1, stdout: '' });
      expect(done.stderr).toMatch(new RegExp(`${device}p2: the backup lies on its disk[\\s\\S]*RK404`));
      expect(done.stderr).not.toContain('this medium');
    });
  });
});
