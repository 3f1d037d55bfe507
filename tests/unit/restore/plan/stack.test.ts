import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Layout, LayoutNode } from '../../../../restore/layout/schema.ts';
import { arrayDevice, deviceNames } from '../../../../restore/plan/devices.ts';
import { planRestore } from '../../../../restore/plan/plan.ts';
import { planStack } from '../../../../restore/plan/stack.ts';
import type { Action } from '../../../../restore/plan/step.ts';
import { biosGptMachine, manifestOf, savedBytes, setOf, targetDisk } from './machines.ts';
import { luks, plainNode, size, stacks } from './random-stacks.ts';

/** Devices that an action names, those of its --config included. */
function named(action: Action): string[] {
  const text = action.type === 'run' ? action.argv.join(' ') : 'device' in action ? action.device : '';
  return [...text.replaceAll('\\', '').matchAll(/\/dev\/(?:mapper\/[\w.-]+|md\d+|vd[a-z]+)/g)].map(
    ([device]) => device,
  );
}

function devicesOf(layout: Layout): ReadonlyMap<string, string> {
  const assignments = layout.disks.map((saved, index) => {
    const path = `/dev/vd${String.fromCharCode(97 + index)}`;
    return { saved, disk: targetDisk({ path }), table: null };
  });
  return deviceNames(layout, assignments);
}

describe('any stack of arrays, LUKS and volume groups [C3]', () => {
  it('makes each thing after what it lies on, and takes everything off in reverse', () => {
    fc.assert(
      fc.property(stacks, (layout) => {
        const devices = devicesOf(layout);
        const stack = planStack(layout, devices, null);
        expect(stack.steps).toHaveLength(
          layout.arrays.length +
            layout.groups.length +
            layout.nodes.filter(({ content }) => content?.kind === 'luks').length,
        );
        const there = new Set(layout.disks.map(({ id }) => devices.get(id)));
        const opened: string[] = [];
        for (const { actions } of stack.steps) {
          const awaited = actions.flatMap((action) => (action.type === 'await-node' ? [action.device] : []));
          for (const action of actions)
            for (const device of named(action)) if (!awaited.includes(device)) expect(there, device).toContain(device);
          for (const device of awaited) {
            expect(there).not.toContain(device);
            there.add(device);
          }
          opened.push(...awaited);
        }
        expect(opened.toSorted()).toEqual(
          layout.nodes
            .filter(({ origin }) => origin.type !== 'disk')
            .map(({ id }) => devices.get(id))
            .toSorted(),
        );
        // Closing one thing, nothing that lies on it may still be there.
        const below = new Map(layout.nodes.map((node) => [devices.get(node.id), node.content]));
        const gone = new Set<string>();
        for (const action of stack.close) {
          if (action.type !== 'run') continue;
          const [tool, verb, name] = action.argv;
          const closed =
            tool === 'vgchange'
              ? layout.nodes.flatMap(({ id, origin }) =>
                  origin.type === 'volume' && origin.group === action.argv.at(-1) ? [devices.get(id) ?? ''] : [],
                )
              : [tool === 'cryptsetup' ? `/dev/mapper/${name}` : (action.argv.at(-1) ?? '')];
          if (verb === '--wait-clean') continue;
          for (const device of closed) {
            const content = below.get(device);
            const above = layout.nodes.filter(({ origin }) =>
              content?.kind === 'luks'
                ? origin.type === 'crypt' && devices.get(origin.on) === device
                : content?.kind === 'array-member'
                  ? origin.type === 'array' && origin.array === content.array
                  : content?.kind === 'group-member' && origin.type === 'volume' && origin.group === content.group,
            );
            for (const { id } of above) expect(gone).toContain(devices.get(id));
          }
          for (const device of closed) gone.add(device);
        }
        expect([...gone].toSorted()).toEqual(opened.toSorted());
      }),
      { numRuns: 300 },
    );
  });

  it('shows LVM the members of the group and nothing else', () => {
    fc.assert(
      fc.property(stacks, (layout) => {
        const devices = devicesOf(layout);
        for (const { id, actions } of planStack(layout, devices, null).steps) {
          if (!id.startsWith('group:')) continue;
          const members = layout.nodes.flatMap(({ id: node, content }) =>
            content?.kind === 'group-member' && `group:${content.group}` === id ? [devices.get(node)] : [],
          );
          for (const action of actions) {
            if (action.type !== 'run' || action.argv[0] === 'dd') continue;
            const config = action.argv[action.argv.indexOf('--config') + 1] ?? '';
            const accepted = [...config.matchAll(/"a\|\^(.*?)\$\|"/g)].map((match) => match[1]?.replaceAll('\\', ''));
            expect(accepted).toEqual(members);
            expect(config).toContain('"r|.*|"');
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('makes an array of metadata 0.90 under its own number, for the superblock keeps it', () => {
    const layout = encrypted();
    const base = { name: null, level: 'raid1', uuid: '1:2:3:4', slots: 1, chunkBytes: null, layout: null } as const;
    const rest = { componentBytes: size, consistency: 'resync', bitmapChunkBytes: null, detail: '' } as const;
    layout.arrays.push({ id: 'md:a', device: 'md3', metadata: '0.90', ...base, ...rest });
    layout.arrays.push({ id: 'md:b', device: 'md4', metadata: '1.0', ...base, ...rest });
    expect(['md:a', 'md:b'].map((id) => arrayDevice(layout, id))).toEqual(['/dev/md3', '/dev/md201']);
  });

  it('never has a passphrase in the plan, but its name', () => {
    const layout = encrypted();
    const plan = planOf(layout);
    expect(plan.secrets).toEqual([
      { name: 'luks:disk0:2', title: 'new passphrase for vault (sda2 of the saved machine)' },
    ]);
    const formats = plan.steps.flatMap(({ actions }) =>
      actions.filter(
        (action) => action.type === 'run' && action.argv[0] === 'cryptsetup' && action.argv[1] !== 'close',
      ),
    );
    expect(formats).toHaveLength(2);
    for (const action of formats) {
      expect(action).toMatchObject({ secret: 'luks:disk0:2', argv: expect.arrayContaining(['--key-file=-']) });
      expect(action).not.toHaveProperty('input');
    }
    expect(plan.steps.at(-1)).toMatchObject({ id: 'close' });
  });

  it('takes less memory for argon2id where there is less, and says so; tells which keys are lost', () => {
    const layout = encrypted();
    const [first] = layout.nodes.flatMap(({ content }) => (content?.kind === 'luks' ? [content] : []));
    first?.keySlots.push({ slot: 3, pbkdf: { type: 'pbkdf2', hash: 'sha512', iterations: 1000 } });
    first?.tokens.push('clevis');
    const memoryBytes = 2 ** 30;
    const plan = planOf(layout, memoryBytes);
    const format = plan.steps
      .flatMap(({ actions }) => actions)
      .find((action) => action.type === 'run' && action.argv[1] === 'luksFormat');
    expect(format?.type === 'run' ? format.argv : []).toEqual(expect.arrayContaining(['--pbkdf-memory', '262144']));
    expect(plan.warnings).toEqual([
      expect.stringMatching(/Key slots 3 are lost/),
      expect.stringMatching(/unlocking by clevis is lost/),
      expect.stringMatching(/argon2id takes 268 MB of memory instead of 1.07 GB/),
    ]);
    expect(planOf(encrypted(), 2 ** 40).warnings).toEqual([]);
  });

  it.each([
    ['a circle', { id: 'crypt:a', origin: { type: 'crypt', on: 'crypt:a', name: 'a' } as const }, /lie on each other/],
    ['nothing', { id: 'crypt:a', origin: { type: 'crypt', on: 'disk9', name: 'a' } as const }, /not there/],
    ['no array', { id: 'md:9', origin: { type: 'array', array: 'md:9' } as const }, /no array/],
    ['no group', { id: 'lv:vg9/a', origin: { type: 'volume', group: 'vg9', name: 'a' } as const }, /not there/],
  ])('refuses what lies on $0', (_what, { id, origin }, why) => {
    const layout = encrypted();
    layout.nodes.push({ ...plainNode(id, origin), content: id === 'crypt:a' ? luks('u') : null });
    expect(() => planOf(layout)).toThrow(
      expect.objectContaining({ code: 'RK422', reason: expect.stringMatching(why) }),
    );
  });
});

/** BIOS, GPT: / on LUKS. */
function encrypted(): Layout {
  const layout = biosGptMachine();
  const root = layout.nodes.find(({ id }) => id === 'disk0:2');
  if (root === undefined) throw new Error('no root');
  const opened: LayoutNode = {
    ...root,
    id: 'crypt:vault',
    origin: { type: 'crypt', on: root.id, name: 'vault' },
    sizeBytes: root.sizeBytes - (16 << 20),
  };
  Object.assign(root, { content: luks('10000000-0000-4000-8000-000000000001'), mount: null });
  layout.nodes.push(opened);
  return layout;
}

function planOf(layout: Layout, memoryBytes?: number) {
  const here = {
    firmware: 'bios' as const,
    bootEntries: [],
    partitionIds: [],
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
  return planRestore({
    ...{ set: setOf(layout), manifest: manifestOf(layout), layout, here },
    targets: [{ source: 'disk0', disk: targetDisk({ sizeBytes: savedBytes }) }],
  });
}
