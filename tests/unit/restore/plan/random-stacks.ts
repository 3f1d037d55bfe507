import fc from 'fast-check';
import { type Layout, type LayoutNode, layoutSchema } from '../../../../restore/layout/schema.ts';
import type { LayoutArray, LayoutGroup, LuksContent } from '../../../../restore/layout/stack-schema.ts';
import { biosGptMachine } from './machines.ts';

export const size = 1 << 30;

export function luks(uuid: string, changes: Partial<LuksContent> = {}): LuksContent {
  return {
    ...{ kind: 'luks', version: 2, uuid, label: '', subsystem: '', cipher: 'aes-xts-plain64', keyBytes: 64 },
    ...{ hash: 'sha256', sectorBytes: 512, dataOffsetBytes: 16 << 20, metadataBytes: 16384, keyslotsBytes: 16744448 },
    ...{ flags: [], tokens: [] },
    keySlots: [{ slot: 0, pbkdf: { type: 'argon2id', iterations: 4, memoryKiB: 1048576, threads: 4 } }],
    ...changes,
  };
}

function array(id: string, slots: number): LayoutArray {
  return {
    ...{
      id,
      device: 'md0',
      name: 'web01:0',
      level: 'raid1',
      metadata: '1.2',
      uuid: '1:2:3:4',
      slots,
      chunkBytes: null,
    },
    ...{ layout: null, componentBytes: size, consistency: 'resync', bitmapChunkBytes: null, detail: '' },
  };
}

function group(id: string, volumes: readonly string[]): LayoutGroup {
  return {
    ...{ id, uuid: 'u', extentBytes: 4 << 20, tags: [], exact: false, backup: '', notes: [] },
    volumes: volumes.map((name) => ({
      ...{ name, uuid: name, type: 'linear', sizeBytes: size, stripes: 1, stripeBytes: null, mirrors: 0 },
      ...{ regionBytes: null, tags: [], readOnly: false, pool: null, thinPool: null },
    })),
  };
}

export function plainNode(id: string, origin: LayoutNode['origin']): LayoutNode {
  return { id, origin, sizeBytes: size, content: null, mount: null, usedBytes: null };
}

/** Whole disks, then as often as told: some of the uncovered nodes become an array, encrypted, or a group. */
export const stacks: fc.Arbitrary<Layout> = fc
  .tuple(
    fc.integer({ min: 1, max: 6 }),
    fc.array(fc.tuple(fc.constantFrom('array', 'luks', 'group'), fc.nat(), fc.integer({ min: 1, max: 3 })), {
      maxLength: 8,
    }),
    fc.nat(),
  )
  .map(([disks, moves, shift]) => {
    const base = biosGptMachine();
    const nodes = Array.from({ length: disks }, (_, index) =>
      plainNode(`disk${index}`, { type: 'disk', disk: `disk${index}` }),
    );
    const arrays: LayoutArray[] = [];
    const groups: LayoutGroup[] = [];
    for (const [index, [kind, at, count]] of moves.entries()) {
      const free = nodes.filter(({ content }) => content === null);
      const chosen = Array.from({ length: count }, (_, each) => free[(at + each) % free.length]).filter(
        (node) => node !== undefined,
      );
      const members = [...new Set(kind === 'luks' ? chosen.slice(0, 1) : chosen)];
      if (kind === 'array') {
        const id = `md:${index}`;
        for (const [slot, node] of members.entries())
          node.content = { kind: 'array-member', array: id, slot, dataOffsetBytes: 1 << 20 };
        arrays.push(array(id, members.length));
        nodes.push(plainNode(id, { type: 'array', array: id }));
      } else if (kind === 'luks') {
        for (const node of members) {
          node.content = luks(`00000000-0000-4000-8000-00000000000${index}`);
          nodes.push(plainNode(`crypt:c${index}`, { type: 'crypt', on: node.id, name: `c${index}` }));
        }
      } else {
        const id = `vg${index}`;
        for (const node of members)
          node.content = {
            kind: 'group-member',
            group: id,
            uuid: `pv-${node.id.replaceAll(/\W/g, '-')}`,
            dataOffsetBytes: 1 << 20,
          };
        groups.push(group(id, ['a', 'b']));
        for (const name of ['a', 'b']) nodes.push(plainNode(`lv:${id}/${name}`, { type: 'volume', group: id, name }));
      }
    }
    const saved = nodes.slice(0, disks).map(({ id }) => ({ ...base.disks[0], id, name: id, table: null }));
    // The order of a layout means nothing.
    const turned = nodes.map((_, index) => nodes[(index + shift) % nodes.length]);
    return layoutSchema.parse({ ...base, disks: saved, nodes: turned, arrays, groups });
  });
