import { findProgram } from '../../../common/find-program.ts';
import { renderInstall } from '../../../common/packages/distribution.ts';
import { run } from '../../../common/run.ts';
import { type Check, notChecked, ok } from '../finding.ts';

/** GNU tar, built with ACLs and extended attributes: busybox and some embedded builds drop them without an error. */
export const tar: Check = {
  id: 'tar',
  title: 'tar keeps ACLs and extended attributes',
  async run(context) {
    if (context.rescueOnly) return [];
    if ((await findProgram('tar')) === null) return notChecked('tar is missing.');
    const argv = ['tar', '--create', '--acls', '--xattrs', '--sparse', '--file=/dev/null', '--files-from=/dev/null'];
    const { stderr, exitCode } = await run(argv as [string, ...string[]], { okExit: [0, 1, 2, 64] });
    if (exitCode === 0 && !/not available|not supported/i.test(stderr)) return ok;
    return [
      {
        level: 'problem',
        what: `This tar cannot keep them: ${stderr.trim().split('\n')[0] ?? ''}`,
        fix: renderInstall(context.distribution, ['tar']),
        packages: ['tar'],
      },
    ];
  },
};
