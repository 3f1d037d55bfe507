import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../common/run.ts';
import { planSchema } from '../../../restore/plan/step.ts';
import { makeSmallSet } from '../../fixtures/small-set.ts';
import { biosMachine, savedBytes } from '../restore/plan/machines.ts';

const root = join(import.meta.dirname, '../../..');
let work = '';
let directory = '';
let iso = '';

/** Owns nothing, and may read what everybody may. */
const nobody = 65534;

function rekindle(args: string[], uid?: number) {
  const argv = ['--disable-warning=ExperimentalWarning', join(root, 'rekindle.ts'), 'plan', ...args];
  const done = spawnSync(process.execPath, argv, { encoding: 'utf8', cwd: '/', ...(uid === undefined ? {} : { uid }) });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-plan-'));
  const layout = biosMachine();
  const trees = layout.nodes.flatMap(({ id, mount }) => {
    if (mount === null) return [];
    const source = join(work, `source${id.replace(':', '-')}`);
    mkdirSync(source);
    writeFileSync(join(source, 'file'), mount.at);
    return [{ source, mountPoint: mount.at, node: id }];
  });
  const set = await makeSmallSet({ work: join(work, 'set'), layout, trees });
  directory = set.directory(1);
  iso = join(work, 'medium.iso');
  await run(['xorriso', '-as', 'mkisofs', '-quiet', '-R', '-o', iso, join(work, 'set/volume-1')]);
  await run(['chmod', '-R', 'a+rX', work]);
});
afterAll(() => rmSync(work, { recursive: true }));

describe('[C7] rekindle plan', () => {
  it('shows what a restore onto a disk that is not here would do, to anybody, and writes nothing', async () => {
    const before = readdirSync(work);
    const { code, out, err } = rekindle([iso, '--target', 'disk0=size:20G'], nobody);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toContain('disk0 -> /dev/sdx');
    expect(out).toContain('$ sfdisk --wipe always');
    expect(out).toContain('$ chroot /mnt/target grub-install --target=i386-pc --recheck /dev/sdx');
    expect(out).toContain('prove that it can boot');
    expect(readdirSync(work)).toEqual(before);
  });

  it('gives the plan as JSON, onto the image of a disk', () => {
    const image = join(work, 'disk.raw');
    writeFileSync(image, '');
    truncateSync(image, savedBytes);
    const { code, out } = rekindle([directory, '--json', '--target', `sda=${image}`]);
    rmSync(image);
    expect(code).toBe(0);
    const plan = planSchema.parse(JSON.parse(out));
    expect(plan.targets).toMatchObject([{ source: 'disk0', disk: { path: image, sizeBytes: savedBytes } }]);
    expect(plan.steps.map(({ id }) => id)).toContain('prove');
  });

  it('gives a script, with the name that the disk will have', () => {
    const { code, out } = rekindle([directory, '--script', '--target', 'disk0=size:6G:/dev/nvme0n1']);
    expect(code).toBe(0);
    expect(out).toMatch(/^#!\/bin\/sh\n/);
    expect(out).toContain(`SET_0=\${1:-${directory}}`);
    expect(out).toContain('mount -t ext4 -o');
    expect(out).toContain('/dev/nvme0n1p6');
    expect(spawnSync('shellcheck', ['--shell=sh', '-'], { input: out, encoding: 'utf8' }).stdout).toBe('');
  });

  it.each([
    [['disk0=size:1M'], 'RK401', 1],
    [['disk0=size:much'], 'RK483', 2],
    [['diskless=/dev/sda'], 'RK483', 2],
    [['/dev/sda'], 'RK483', 2],
    [['disk0=/dev/none'], 'RK009', 5],
    [[], 'RK482', 2],
  ])('refuses --target %s with %s', (targets, error, exitCode) => {
    const { code, out, err } = rekindle([directory, ...targets.flatMap((target) => ['--target', target])]);
    expect({ code, out }).toEqual({ code: exitCode, out: '' });
    expect(err).toContain(`[${error}]`);
  });

  it('takes one form only', () => {
    expect(rekindle([directory, '--json', '--script', '--target', 'disk0=size:6G']).err).toContain('RK005');
  });
});

describe('[C12] rekindle plan of a part', () => {
  it('shows the layout, the files or the boot loader alone', () => {
    const target = ['--target', 'disk0=size:20G:/dev/vdz'];
    const layout = rekindle([directory, ...target, '--only', 'layout'], nobody);
    expect(layout.err).toBe('');
    expect(layout.out).toContain('everything on it will be destroyed');
    expect(layout.out).toContain('$ sfdisk --wipe always');
    expect(layout.out).not.toMatch(/extract|grub-install/);
    const files = rekindle([directory, ...target, '--only', 'files'], nobody);
    expect(files.out).toContain('will be destroyed: on vdz6: files with the same names as in the backup');
    expect(files.out).not.toMatch(/sfdisk|mke2fs|grub-install|everything on it/);
    const loader = planSchema.parse(
      JSON.parse(rekindle([directory, ...target, '--only', 'boot-loader', '--json']).out),
    );
    expect(loader.steps.map(({ id }) => id)).toContain('boot:grub');
    expect(loader.part).toEqual({ kind: 'boot-loader', order: { only: 'boot-loader' }, confirm: 'vdz' });
  });

  it('refuses flags that do not belong together, and what is not there', () => {
    const refusals: [string[], string][] = [
      [['--only', 'everything'], 'RK005'],
      [['--only', 'layout', '--file-system', '/home'], 'RK005'],
      [['--file-system', '/home'], 'RK005'],
      [['--make', 'xfs', '--device', '/dev/none'], 'RK005'],
      [['--file-system', '/home', '--device', '/dev/none', '--target', 'disk0=size:9G'], 'RK005'],
      [['--file-system', '/home', '--device', '/dev/none', '--make', 'ntfs'], 'RK005'],
      [['--file-system', '/home', '--device', '/dev/none'], 'RK009'],
    ];
    for (const [flags, error] of refusals) {
      const { code, err } = rekindle([directory, ...flags]);
      expect(code).toBe(error === 'RK005' ? 2 : 5);
      expect(err).toContain(error);
    }
    expect(rekindle([directory, '--file-system', '/home', '--device', '/dev/none'], nobody).err).toContain('RK002');
  });
});
