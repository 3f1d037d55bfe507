import { describe, expect, it } from 'vitest';
import { run } from '../../../../../common/run.ts';
import type { DeviceHere } from '../../../../../restore/plan/part/device-here.ts';
import { listDevicesHere } from '../../../../../restore/plan/part/devices-here.ts';
import { onDevice, whileMounted } from './on-disk.ts';

async function look(device: string, named: string, mediumDevices: string[] = []): Promise<DeviceHere | undefined> {
  const { devices } = await listDevicesHere({ mediumDevices, named });
  return devices.find(({ path }) => path === device);
}

describe('[C12] [C4] devices that one file system can go into', { timeout: 120_000 }, () => {
  it('are refused while somebody uses them, with what they are used for', async () => {
    await onDevice(100 * 2 ** 20, async (device) => {
      await run(['mkfs.ext4', '-q', '-L', 'mine', device]);
      expect(await look(device, device)).toMatchObject({ type: 'ext4', content: 'ext4 "mine"', refusal: null });
      const { devices } = await listDevicesHere({ mediumDevices: [] });
      expect(devices.some(({ path }) => path === device)).toBe(false);
      await whileMounted(device, async (at) =>
        expect((await look(device, device))?.refusal).toBe(`in use: mounted on ${at}`),
      );
      expect((await look(device, device, [device]))?.refusal).toBe('this medium');
    });
  });

  it('are partitions, not the disk around them; none of the medium', async () => {
    await onDevice(100 * 2 ** 20, async (device) => {
      await run(['sfdisk', '-q', device], { input: 'label: gpt\nsize=40M\nsize=40M\n' });
      await run(['partx', '-a', device]);
      const second = `${device}p2`;
      await run(['mkfs.ext4', '-q', second]);
      expect((await look(device, device))?.refusal).toBe('it has partitions');
      const found = await look(second, second);
      expect(found).toMatchObject({ name: second.slice(5), type: 'ext4', sizeBytes: 40 * 2 ** 20, refusal: null });
      expect(found?.disks.map(({ path }) => path)).toEqual([device]);
      expect((await look(second, second, [`${device}p1`]))?.refusal).toBe('this medium');
    });
  });
});
