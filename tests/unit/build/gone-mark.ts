import { markOf } from '../../../build/process-mark.ts';

/** The mark of a process of this machine that is gone: by its start. */
export function goneMark(other: { machine?: string; boot?: string; namespace?: string; pid?: string } = {}): string {
  const [machine = '', boot = '', namespace = '', pid = ''] = markOf(process.pid).split('.');
  const parts = { machine, boot, namespace, pid, ...other };
  return [parts.machine, parts.boot, parts.namespace, parts.pid, '1'].join('.');
}
