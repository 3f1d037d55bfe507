import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../../common/run.ts';
import { differencesOf } from '../../../../restore/execute/made.ts';
import type { Action, Plan, Step } from '../../../../restore/plan/step.ts';
import { sampleSet } from '../../../fixtures/small-set.ts';
import { targetDisk } from '../plan/machines.ts';

const uuid = '0f0f0f0f-1111-4222-8333-444444444444';
const bytes = 24 << 20;
const table = {
  gpt: `label: gpt
label-id: 5A6B7C8D-0000-4000-8000-000000000001
1 : start=2048, size=8192, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=5A6B7C8D-0000-4000-8000-000000000002
2 : start=10240, size=20480, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=5A6B7C8D-0000-4000-8000-000000000003
`,
  dos: 'label: dos\nlabel-id: 0x1234abcd\n1 : start=2048, size=8192, type=83, bootable\n2 : start=10240, size=20480, type=8e\n',
} as const;

async function disk(): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'made-'));
  onTestFinished(() => rmSync(work, { recursive: true }));
  await run(['truncate', '-s', `${bytes}`, join(work, 'disk')]);
  const device = (await run(['losetup', '--show', '-f', join(work, 'disk')])).stdout.trim();
  onTestFinished(async () => void (await run(['losetup', '-d', device])));
  return device;
}

function planOn(device: string, actions: Action[], leaves: Step['leaves'] = []): Plan {
  const step = { id: 'table:disk0', title: '', target: '', destroys: null, weightBytes: 0, actions, leaves };
  const targets = [{ source: 'disk0', disk: targetDisk({ path: device, sizeBytes: bytes }) }];
  return { set: sampleSet, digest: '', targets, steps: [step], warnings: [] };
}

const writing = (device: string, input: string): Action => ({ type: 'run', argv: ['sfdisk', '-q', device], input });

describe('[C10] what a restore made is read back from the disk', () => {
  it.each(['gpt', 'dos'] as const)('a %s table, as sfdisk prints what it wrote', async (label) => {
    const device = await disk();
    await run(['sfdisk', '-q', device], { input: table[label] });
    const dump = (await run(['sfdisk', '-d', device])).stdout;
    const differences = (text: string): Promise<string[]> =>
      differencesOf(planOn(device, [writing(device, text)]), [], false);
    expect(await differences(dump)).toEqual([]);
    // Nothing is read for a step that runs again.
    expect(await differencesOf(planOn(device, [writing(device, 'label: gpt\n')]), [0], false)).toEqual([]);
    const changes: [string, string][] = [
      ['size=       20480', 'size=       20472'],
      ['start=       10240', 'start=       10248'],
      label === 'gpt' ? ['000000000003', '000000000004'] : ['0x1234abcd', '0x1234abce'],
      label === 'gpt' ? ['0FC63DAF', '0FC63DAE'] : ['type=8e', 'type=83'],
    ];
    for (const [from, to] of changes) {
      expect(dump).toContain(from);
      expect(await differences(dump.replace(from, to))).toEqual([`${device} has another partition table`]);
    }
    expect(
      await differences(
        dump
          .split('\n')
          .filter((line) => !line.includes('10240'))
          .join('\n'),
      ),
    ).toHaveLength(1);
    await run(['sfdisk', '--delete', device, '2']);
    expect(await differences(dump)).toHaveLength(1);
    await run(['wipefs', '--all', '--force', device]);
    expect(await differences(dump)).toHaveLength(1);
  });

  it('sizes and UUIDs, and what is missing; what lies on layers only when those are open', async () => {
    const device = await disk();
    await run(['mkfs.ext4', '-q', '-F', '-U', uuid, device]);
    const differences = (actions: Action[], leaves: Step['leaves'], areOpen: boolean): Promise<string[]> =>
      differencesOf(planOn(device, actions, leaves), [], areOpen);
    const wait = (path: string, sizeBytes: number | null): Action => ({ type: 'await-node', device: path, sizeBytes });
    expect(
      await differences([wait(device, bytes), wait(device, null)], [{ device, uuid: uuid.toUpperCase() }], true),
    ).toEqual([]);
    expect(await differences([wait(device, bytes + 512)], [], false)).toEqual([
      `${device} has ${bytes} bytes, not ${bytes + 512}`,
    ]);
    const other = uuid.replace('0f', '1f');
    expect(await differences([], [{ device, uuid: other }], false)).toEqual([
      `${device} has the UUID ${uuid}, not ${other}`,
    ]);
    const inside = '/dev/mapper/of-no-machine';
    expect(await differences([wait(inside, 1)], [{ device: inside, uuid }], false)).toEqual([]);
    expect(await differences([wait(inside, 1)], [{ device: inside, uuid }], true)).toEqual([`${inside} is not there`]);
    const partition = `${device}p99`;
    expect(await differences([wait(partition, 1)], [], false)).toEqual([`${partition} is not there`]);
  });
});
