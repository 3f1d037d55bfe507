import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bootEntryStep } from '../../../../restore/bootloader/entry.ts';
import { fallbackStep } from '../../../../restore/bootloader/fallback.ts';
import type { Here } from '../../../../restore/bootloader/firmware.ts';
import { type BootEntry, parseLoadOption, readBootEntries } from '../../../../restore/bootloader/nvram.ts';
import { placeOf } from '../../../../restore/plan/fill.ts';
import { targetDisk, uefiMachine } from '../plan/machines.ts';

const espId = '0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9';
const guid = Buffer.from('3d2c1b0a5f4e71408293a4b5c6d7e8f9', 'hex');

function node(type: number, subtype: number, body: Buffer): Buffer {
  const header = Buffer.from([type, subtype, 0, 0]);
  header.writeUInt16LE(4 + body.length, 2);
  return Buffer.concat([header, body]);
}

/** EFI_LOAD_OPTION as efivarfs shows it. */
function loadOption(label: string, loader: string, signature: Buffer = guid, signatureType = 2): Buffer {
  const drive = Buffer.alloc(38);
  drive.writeUInt32LE(1, 0);
  signature.copy(drive, 20);
  drive.writeUInt8(signatureType, 37);
  const path = Buffer.concat([
    node(4, 1, drive),
    node(4, 4, Buffer.from(`${loader}\0`, 'utf16le')),
    node(0x7f, 0xff, Buffer.alloc(0)),
  ]);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(path.length);
  return Buffer.concat([
    Buffer.from([7, 0, 0, 0, 1, 0, 0, 0]),
    length,
    Buffer.from(`${label}\0`, 'utf16le'),
    path,
    Buffer.from('opt'),
  ]);
}

describe('boot entries of the firmware [C9]', () => {
  it('reads label, partition and file; other entries have none', () => {
    const loader = '\\EFI\\debian\\shimx64.efi';
    expect(parseLoadOption(loadOption('debian', loader))).toEqual({ label: 'debian', partition: espId, loader });
    const mbr = Buffer.concat([Buffer.from([0x02, 0xb0, 0xad, 0x1b]), Buffer.alloc(12)]);
    expect(parseLoadOption(loadOption('x', loader, mbr, 1))?.partition).toBe('1badb002-01');
    expect(parseLoadOption(Buffer.alloc(3))).toBeNull();
    const cut = loadOption('debian', loader).subarray(0, 40);
    expect(parseLoadOption(cut)).toMatchObject({ label: 'debian' });
  });

  it('lists them in boot order', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rekindle-efivars-'));
    const variable = (name: string) => join(directory, `${name}-8be4df61-93ca-11d2-aa0d-00e098032b8c`);
    try {
      await writeFile(variable('Boot0000'), loadOption('first by number', '\\a.efi'));
      await writeFile(variable('Boot000A'), loadOption('first by order', '\\b.efi'));
      await writeFile(variable('Boot0001'), loadOption('not in the order', '\\c.efi'));
      await writeFile(variable('BootOrder'), Buffer.from([7, 0, 0, 0, 0x0a, 0, 0, 0]));
      expect((await readBootEntries(directory)).map(({ number, ordered }) => [number, ordered])).toEqual([
        ['000A', true],
        ['0000', true],
        ['0001', false],
      ]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

const layout = uefiMachine();
const espNode = layout.nodes[0];
const esp = espNode === undefined ? null : placeOf(espNode, '/dev/vda1', [], []);
const loader = '\\EFI\\debian\\shimx64.efi';

function entryArgv(bootEntries: BootEntry[], partitionIds: Here['partitionIds'] = [], changed = layout): string[] {
  if (esp === null) throw new Error('no ESP');
  const here: Here = { firmware: 'uefi', bootEntries, partitionIds };
  const step = bootEntryStep(
    { layout: changed, places: [esp], here, diskOf: () => targetDisk(), partitionIdOf: () => espId.toUpperCase() },
    here,
    esp,
  );
  return (step?.actions ?? []).flatMap((action) => (action.type === 'run' ? [action.argv.join(' ')] : [])).slice(1);
}

describe('the step that writes boot entries [C9]', () => {
  const create = `efibootmgr --quiet --create --disk /dev/vda --part 1 --label debian --loader ${loader}`;
  const entry = (changes: Partial<BootEntry>): BootEntry => {
    return { number: '0003', label: 'debian', partition: espId, loader, ordered: true, ...changes };
  };

  it('creates what is absent, the saved first one last so that it comes first', () => {
    const both = {
      ...layout,
      boot: {
        ...layout.boot,
        efiEntries: [...layout.boot.efiEntries, { label: 'debian old', loader: '\\EFI\\old.efi' }],
      },
    };
    expect(entryArgv([], [], both)).toEqual([
      'efibootmgr --quiet --create --disk /dev/vda --part 1 --label debian old --loader \\EFI\\old.efi',
      create,
    ]);
  });

  it('leaves an entry that is right alone', () => {
    expect(entryArgv([entry({ loader: loader.toUpperCase() })])).toEqual([]);
  });

  it('replaces one whose partition is gone, or that BootOrder forgot', () => {
    const remove = 'efibootmgr --quiet --bootnum 0003 --delete-bootnum';
    expect(entryArgv([entry({ partition: 'dead0000-0000-4000-8000-000000000000' })])).toEqual([remove, create]);
    expect(entryArgv([entry({ ordered: false })])).toEqual([remove, create]);
  });

  it('touches neither entries of other disks here nor those of other names', () => {
    const other = 'beef0000-0000-4000-8000-000000000000';
    expect(entryArgv([entry({ partition: other })], [{ disk: '/dev/vdb', id: other }])).toEqual([create]);
    expect(entryArgv([entry({ label: 'UEFI QEMU DVD-ROM', partition: null, loader: null })])).toEqual([create]);
  });
});

describe('the fallback path [C9]', () => {
  const withFiles = (espFiles: string[]) => {
    if (esp === null) throw new Error('no ESP');
    return fallbackStep({ ...layout, boot: { ...layout.boot, espFiles } }, esp, '/boot/efi');
  };

  it('is left alone where the saved ESP has one, in whatever case', () => {
    expect(withFiles(['EFI/debian/shimx64.efi', 'EFI/Boot/bootx64.efi'])).toEqual({ step: null, warning: null });
  });

  it('takes the best loader where no entry names one, and warns when there is none', () => {
    const found = withFiles(['EFI/other/grubx64.efi']);
    expect(JSON.stringify(found.step?.actions)).toContain('/mnt/target/boot/efi/EFI/other/grubx64.efi');
    expect(withFiles(['EFI/readme.txt']).warning).toBe(
      'The EFI system partition holds no boot loader and no EFI/BOOT/BOOTX64.EFI. Install one (grub-install) before the machine starts.',
    );
  });
});
