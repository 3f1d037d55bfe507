import { type Check, verdictOf } from '../check.ts';

export const identity: Check = {
  id: 'identity',
  title: 'the machine has a name and an id',
  stopsBoot: false,
  run({ root }) {
    const problems: string[] = [];
    const notes: string[] = [];
    const name = (
      root.text('/etc/hostname') ??
      /^HOSTNAME=(.*)$/m.exec(root.text('/etc/sysconfig/network') ?? '')?.[1] ??
      ''
    ).trim();
    if (name === '') problems.push('/etc/hostname is empty or missing');
    const id = root.text('/etc/machine-id')?.trim();
    // machine-id(5): systemd makes one where the file is missing, empty or says "uninitialized".
    if (id === undefined || id === '' || id === 'uninitialized')
      notes.push('a machine-id will be made at the first start');
    else if (!/^[0-9a-f]{32}$/.test(id)) problems.push('/etc/machine-id is not 32 hexadecimal digits');
    return verdictOf(
      problems,
      'Write the name into /etc/hostname; empty /etc/machine-id, and one is made at the next start.',
      `hostname ${name}${id ? `, machine-id ${id.slice(0, 8)}...` : ''}`,
      notes,
    );
  },
};
