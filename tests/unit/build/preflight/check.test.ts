import { describe, expect, it } from 'vitest';
import { findProblems } from '../../../../build/preflight/main.ts';
import { isGood, renderFindings, reportFindings } from '../../../../build/preflight/render.ts';
import { neededTools } from '../../../../build/rescue/tools.ts';
import { families, parseOsRelease, renderInstall } from '../../../../common/packages/distribution.ts';
import { packagesOf } from '../../../../common/packages/packages.ts';
import { run } from '../../../../common/run.ts';
import { debianKernel } from '../debian-kernel.ts';

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
    const found = await findProblems({ rescueOnly: true, to: ['iso:/tmp/x.iso'], context: { release, root } });
    expect(found.filter(({ level }) => level === 'problem')).toEqual([]);
    expect(isGood(found)).toBe(true);
    expect(renderFindings(found).join('\n')).toContain('This machine can be saved: 0 problems');
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

  it('refuses a destination of another kind, and one that is a directory', async () => {
    const { release, root } = await debianKernel();
    for (const [to, code] of [
      ['tape:/dev/nst0', 'RK206'],
      ['iso:/tmp', 'RK208'],
    ] as const) {
      const found = await findProblems({ rescueOnly: true, to: [to], context: { release, root } });
      expect(renderFindings(found).join('\n')).toContain(`[${code}]`);
    }
  });
});
