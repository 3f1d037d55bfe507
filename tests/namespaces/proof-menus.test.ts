import { afterEach, describe, expect, it } from 'vitest';
import { proveSubject } from '../../restore/proof/prove.ts';
import { DebianSystem } from '../fixtures/debian-system.ts';
import { menuSabotages } from '../vm/oracle/menus.ts';
import { shapes } from '../vm/sources/shapes.ts';

let system: DebianSystem | null = null;
afterEach(async () => {
  await system?.close();
  system = null;
});

/** What booting says of each (tests/vm/matrix/proof-oracle.test.ts). */
const truth: Record<string, 'boots' | 'does not boot' | 'cannot tell'> = {
  'an entry on one line, with quotes and a variable for the kernel': 'boots',
  'the menu in another file, which the first one opens': 'boots',
  'an entry in a submenu, remembered by titles': 'boots',
  'entries of systemd-boot without a kernel, left in /boot': 'boots',
  'a first entry without its kernel before good ones': 'does not boot',
  'a remembered entry without its kernel behind good ones': 'does not boot',
  'an entry without its kernel for the next start alone': 'does not boot',
  'a variable that a submenu does not see': 'does not boot',
  'a first entry that starts no Linux': 'cannot tell',
};

describe('[C11] the menu of a Debian, changed by hand', () => {
  it.each(menuSabotages)('$name', async ({ name, apply }) => {
    system = await DebianSystem.open(shapes.mbr);
    const [disk = ''] = system.subject.disks;
    await apply({ root: system.directory, disk });
    const proofs = await proveSubject(system.subject);
    const menu = proofs.find(({ id }) => id === 'boot-menu');
    const result = { boots: 'pass', 'does not boot': 'fail', 'cannot tell': 'cannot-tell' }[truth[name] ?? 'boots'];
    expect(menu?.result, menu?.detail).toBe(result);
    if (result === 'pass') expect(proofs.filter((proof) => proof.result !== 'pass')).toEqual([]);
  });
});
