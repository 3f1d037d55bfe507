import { copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface Disk {
  file: string;
  serial: string;
  format?: 'raw' | 'qcow2';
  bus?: 'virtio' | 'usb' | 'nvme' | 'scsi';
  /** Bytes of a logical sector; 512 unless told. */
  sectorBytes?: 512 | 4096;
  readonly?: boolean;
  bootIndex?: number;
}

export interface MachineOptions {
  /** Names the logs. */
  name: string;
  memory?: number;
  firmware?: 'bios' | 'uefi';
  /** UEFI variables, kept between machines by giving the same file; blank ones without it. */
  variables?: string;
  disks?: readonly Disk[];
  cdrom?: string;
  /** What the firmware starts first. */
  boot?: 'disk' | 'cdrom';
  /** What the machine's clock says at power-on, UTC: '2028-02-29T23:55:00'; today's time without it. */
  clock?: string;
  /** Starts this kernel instead of a boot loader. */
  kernel?: { image: string; initrd: string; arguments: string };
}

const ovmfCode = '/usr/share/OVMF/OVMF_CODE_4M.fd';
const ovmfVariables = '/usr/share/OVMF/OVMF_VARS_4M.fd';

const drivers = { virtio: 'virtio-blk-pci', usb: 'usb-storage', nvme: 'nvme', scsi: 'scsi-hd' } as const;

function sectorOptions(bytes: number): string {
  return `,logical_block_size=${bytes},physical_block_size=${bytes}`;
}

/** QEMU's command line; `work` holds what goes away with the machine. */
export async function argumentsOf(options: MachineOptions, work: string, socket: string): Promise<string[]> {
  const argv = [
    '-accel',
    'tcg,thread=multi',
    '-smp',
    '2',
    '-cpu',
    'max',
    '-m',
    String(options.memory ?? 1024),
    '-no-reboot',
  ];
  argv.push(
    '-display',
    'none',
    '-vga',
    'std',
    '-serial',
    'stdio',
    '-monitor',
    `unix:${socket},server,nowait`,
    '-net',
    'none',
  );
  if (options.firmware === 'uefi') {
    const variables = options.variables ?? join(work, 'variables.fd');
    if (!(await stat(variables).catch(() => null))) await copyFile(ovmfVariables, variables);
    argv.push(
      '-machine',
      'q35',
      '-drive',
      `if=pflash,format=raw,readonly=on,file=${ovmfCode}`,
      '-drive',
      `if=pflash,format=raw,file=${variables}`,
    );
  }
  if (options.disks?.some(({ bus }) => bus === 'usb')) argv.push('-device', 'qemu-xhci');
  if (options.disks?.some(({ bus }) => bus === 'scsi')) argv.push('-device', 'virtio-scsi-pci');
  for (const [index, disk] of (options.disks ?? []).entries()) {
    const bootIndex = disk.bootIndex === undefined ? '' : `,bootindex=${disk.bootIndex}`;
    const sectors = disk.sectorBytes === undefined ? '' : sectorOptions(disk.sectorBytes);
    argv.push(
      '-drive',
      `file=${disk.file},format=${disk.format ?? 'raw'},if=none,id=d${index},cache=unsafe${disk.readonly ? ',readonly=on' : ''}`,
    );
    argv.push(
      '-device',
      `${drivers[disk.bus ?? 'virtio']},drive=d${index},serial=${disk.serial}${sectors}${bootIndex}`,
    );
  }
  if (options.cdrom)
    argv.push(
      '-drive',
      `file=${options.cdrom},format=raw,if=none,id=cd,media=cdrom,readonly=on`,
      '-device',
      `${options.firmware === 'uefi' ? 'ide-cd,bus=ide.2' : 'ide-cd'},drive=cd,id=cd0${options.boot === 'cdrom' ? ',bootindex=0' : ''}`,
    );
  if (options.clock !== undefined) argv.push('-rtc', `base=${options.clock}`);
  const kernel = options.kernel;
  if (kernel) argv.push('-kernel', kernel.image, '-initrd', kernel.initrd, '-append', kernel.arguments);
  return argv;
}
