import { arch } from 'node:process';
import { readModuleDatabase } from '../../../init/modules/database.ts';
import { findKernel } from '../../rescue/kernel.ts';
import { unpackingPrograms } from '../../rescue/module-file.ts';
import { findModules } from '../../rescue/modules.ts';
import { type Check, ok } from '../finding.ts';
import { missingFinding, missingTools } from './missing.ts';

export const processor: Check = {
  id: 'processor',
  title: 'A processor that the medium can boot on',
  async run() {
    if (arch === 'x64') return ok;
    return [{ level: 'problem', what: `This is ${arch}; only x86-64 is supported.`, fix: 'Wait for a later version.' }];
  },
};

export const kernel: Check = {
  id: 'kernel',
  title: 'The image of the running kernel, able to boot on bare metal',
  async run({ release, root }) {
    await findKernel(release, root);
    return ok;
  },
};

export const modules: Check = {
  id: 'modules',
  title: 'The modules of the running kernel',
  async run(context) {
    const { directory } = await findModules(context.release, context.root);
    const files = readModuleDatabase(directory, '/nonexistent').files.values();
    const missing = await missingTools(unpackingPrograms(files));
    return missingFinding(context, 'problem', missing, 'Without them the modules cannot be unpacked.');
  },
};
