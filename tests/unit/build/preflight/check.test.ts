import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findProblems } from '../../../../build/preflight/main.ts';
import { isGood, renderFindings, reportFindings } from '../../../../build/preflight/render.ts';
import { neededTools } from '../../../../build/rescue/tools.ts';
import { families, parseOsRelease, renderInstall } from '../../../../common/packages/distribution.ts';
import { packagesOf } from '../../../../common/packages/packages.ts';
import { run } from '../../../../common/run.ts';
import { withoutPrograms } from '../../../fixtures/without-programs.ts';
import { debianKernel } from '../debian-kernel.ts';
import { temporaryDirectory } from '../temporary.ts';

describe('the distribution', () => {
  it.each([
    ['ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"', 'debian', 'apt-get install mtools xorriso'],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"', 'debian', 'apt-get install mtools xorriso'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"', 'fedora', 'dnf install mtools xorriso'],
    ['ID="opensuse-leap"\nID_LIKE="suse opensuse"', 'suse', 'zypper install mtools xorriso'],
    ['ID=manjaro\nID_LIKE=arch', 'arch', 'pacman -S libisoburn mtools'],
  ])('%s', (text, family, command) => {
    const distribution = parseOsRelease(text);
    expect(distribution.family).toBe(family);
    const packages = ['xorriso', 'mformat', 'mcopy'].flatMap((tool) => packagesOf(tool, distribution));
    expect(renderInstall(distribution, packages)).toBe(command);
  });

  it('that is unknown gets names without a command', () => {
    const distribution = parseOsRelease('ID=plan9\nPRETTY_NAME="Plan 9"');
    expect(distribution.family).toBeNull();
    expect(renderInstall(distribution, ['xorriso'])).toContain('package manager of Plan 9: xorriso');
  });

  it('has for each tool a package that really brings it (this one: Debian)', async () => {
    const distribution = parseOsRelease('ID=debian');
    for (const tool of neededTools.filter((name) => name !== 'sh' && name !== 'awk')) {
      const [name = ''] = packagesOf(tool, distribution);
      const { stdout } = await run(['dpkg', '-L', name], { okExit: [0, 1] });
      expect(stdout, `${tool} in ${name}`).toMatch(new RegExp(`/(bin|sbin)/${tool.replace('.', '\\.')}$`, 'm'));
    }
    for (const family of families) expect(packagesOf('isolinux', { name: '', family }).length).toBeGreaterThan(0);
  });
});

describe('check', () => {
  it('finds nothing to object to on a machine with a Debian kernel', async () => {
    const { release, root } = await debianKernel();
    const found = await findProblems({ rescueOnly: true, to: 'iso:/tmp/x.iso', context: { release, root } });
    expect(found.filter(({ level }) => level === 'problem')).toEqual([]);
    expect(isGood(found)).toBe(true);
    expect(renderFindings(found).join('\n')).toMatch(
      /(This machine can be saved|Nothing that was checked stops the saving of this machine): 0 problems/,
    );
  });

  it('names a missing kernel and its modules, with the next step', async () => {
    const found = await findProblems({ rescueOnly: true, context: { release: '9.9.9' } });
    const text = renderFindings(found).join('\n');
    expect(text).toContain('/boot/vmlinuz-9.9.9');
    expect(text).toContain('[RK202]');
    expect(text).toContain('[RK209]');
    expect(text).toContain('This machine cannot be saved yet: 2 problems');
    expect(reportFindings(found)).toMatchObject({ ok: false });
  });

  it('says that it is not root', async () => {
    const { release, root } = await debianKernel();
    const found = await findProblems({ rescueOnly: false, context: { release, root, uid: 1000 } });
    expect(found.filter(({ level }) => level === 'problem').map(({ id }) => id)).toEqual(['root']);
  });

  it('[A1] says of nothing that it is ok where it could not look', async () => {
    const levels = async (context: { release: string; root?: string; uid?: number }, to?: string) => {
      const found = await findProblems({ rescueOnly: false, ...(to === undefined ? {} : { to }), context });
      return Object.fromEntries(found.map(({ id, level }) => [id, level]));
    };
    const { release, root } = await debianKernel();
    const nobody = await levels({ release, root, uid: 65534 }, 'iso:/tmp/x.iso');
    expect(nobody).toMatchObject({ stack: 'not-checked', storage: 'not-checked', space: 'not-checked' });
    expect(await levels({ release, root, uid: 65534 })).toMatchObject({ space: 'not-checked' });
    expect(await levels({ release: '9.9.9', uid: 65534 })).toMatchObject({
      modules: 'problem',
      'boot-path': 'not-checked',
    });
    const found = await findProblems({ rescueOnly: true, context: { release, root, uid: 65534 } });
    expect(renderFindings(found).join('\n')).toMatch(
      /not checked +Space[^\n]*\n +Nobody said where it goes[\s\S]*points? not checked/,
    );
    // What a medium without a backup does not need is no question.
    expect(found.map(({ id }) => id)).not.toContain('storage');
  });

  it('[A1] asks for the program that unpacks the modules, as create will run it', async () => {
    await withoutPrograms(['xz']);
    for (const [end, missing] of [
      ['.xz', ['xz']],
      ['.zst', []],
      ['.gz', []],
      ['', []],
    ] as const) {
      const root = await temporaryDirectory();
      const folder = join(root, 'lib/modules/1.2.3');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'modules.dep'), `kernel/fs/ext4/ext4.ko${end}:\nkernel/fs/isofs/isofs.ko${end}:\n`);
      const found = await findProblems({ rescueOnly: true, context: { release: '1.2.3', root } });
      const modules = found.find(({ id }) => id === 'modules');
      expect(modules).toMatchObject(
        missing.length === 0
          ? { level: 'ok' }
          : { level: 'problem', what: expect.stringMatching(/^Missing: xz\./), fix: expect.stringMatching(/xz/) },
      );
    }
  });

  it('[A1] names each program of the list that this machine lacks, and no check calls that a bug', async () => {
    const { release, root } = await debianKernel();
    const taken = ['xorriso', 'mksquashfs', 'fallocate', 'lsblk', 'blkid', 'findmnt', 'sfdisk', 'dumpe2fs', 'uname'];
    await withoutPrograms(taken);
    const found = await findProblems({ rescueOnly: false, to: 'iso:/tmp/x.iso', context: { release, root } });
    const tools = found.find(({ id }) => id === 'tools');
    for (const name of taken) expect(tools).toMatchObject({ level: 'problem', what: expect.stringContaining(name) });
    expect(found.filter(({ level }) => level === 'problem').map(({ id }) => id)).toEqual(['tools']);
    expect(found.filter(({ id }) => ['stack', 'storage', 'space'].includes(id)).map(({ level }) => level)).toEqual(
      Array(3).fill('not-checked'),
    );
    expect(renderFindings(found).join('\n')).not.toMatch(/RK001|bug|ENOENT/);
  });

  it('[A5] says once that a destination cannot be used', async () => {
    const { release, root } = await debianKernel();
    for (const rescueOnly of [true, false]) {
      const found = await findProblems({ rescueOnly, to: 'iso:/no/such/folder/x.iso', context: { release, root } });
      expect(renderFindings(found).join('\n').match(/RK208/g)).toHaveLength(1);
    }
  });

  it('refuses a destination of another kind, and one that is a directory', async () => {
    const { release, root } = await debianKernel();
    for (const [to, code] of [
      ['tape:/dev/nst0', 'RK206'],
      ['iso:/tmp', 'RK208'],
    ] as const) {
      const found = await findProblems({ rescueOnly: true, to, context: { release, root } });
      expect(renderFindings(found).join('\n')).toContain(`[${code}]`);
    }
  });
});
