import { arch } from 'node:process';
import { findKernel } from '../../rescue/kernel.ts';
import { findModules } from '../../rescue/modules.ts';
import { asProblem, type Check, ok } from '../finding.ts';

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
  run: ({ release, root }) => findKernel(release, root).then(() => ok, asProblem),
};

export const modules: Check = {
  id: 'modules',
  title: 'The modules of the running kernel',
  run: ({ release, root }) => findModules(release, root).then(() => ok, asProblem),
};
