import { type Check, cannotTell, fail, pass } from '../check.ts';
import { ofTarget } from '../of-target.ts';
import { readModules } from '../read/modules.ts';
import { kernelVersion } from '../read/target.ts';

const hint = 'Install the package of this kernel again, or run "depmod" with its version in the restored system.';

/** Without them the machine may come up, but without network and most devices. */
export const modules: Check = {
  id: 'modules',
  title: "the kernel's modules are there",
  stopsBoot: true,
  run: ofTarget(async (subject) => {
    const version = await kernelVersion(subject);
    if (version === null) return cannotTell('The version of the kernel is not known.');
    const found = readModules(subject.root, version);
    if (found === null) return fail(`/lib/modules/${version} does not exist`, hint);
    if (!subject.root.isFile(`${found.directory}/modules.dep`))
      return fail(`${found.directory}/modules.dep does not exist`, hint);
    if (found.needs.size === 0 && found.builtin.size === 0)
      return fail(`${found.directory}/modules.dep is empty`, hint);
    return pass(`${found.directory}: ${found.needs.size} modules`);
  }),
};
