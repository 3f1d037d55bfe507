import { RekindleError } from '../../common/errors/error.ts';
import { membersOfArray, membersOfGroup } from '../layout/graph.ts';
import { luksSecret, planLuks } from '../layout/luks.ts';
import { planGroup } from '../layout/lvm-plan.ts';
import { planArray } from '../layout/md-plan.ts';
import { savedName } from '../layout/saved-name.ts';
import type { Layout, LayoutNode } from '../layout/schema.ts';
import type { StackPlan } from '../layout/stack-layer.ts';
import { arrayDevice, type DeviceNames } from './devices.ts';
import { shortName } from './fill.ts';
import type { Action, PlanSecret, Step } from './step.ts';

/** One thing to be made between the disks and the file systems. */
interface Unit {
  /** 'md:0', 'luks:disk0:5', 'group:vg0' */
  id: string;
  /** Nodes that must be there first. */
  needs: LayoutNode[];
  plan: () => StackPlan;
  target: string;
}

export interface Stack {
  /** In an order in which each finds what it lies on. */
  steps: Step[];
  /** Takes everything off again, the last made first. */
  close: Action[];
  warnings: string[];
  secrets: PlanSecret[];
  /** For a machine that is switched off later. Null where nothing is made. */
  reopen: { steps: Step[]; secrets: PlanSecret[] } | null;
}

/**
 * Arrays, encryption and volume groups, whatever lies on what.
 * @param memoryBytes RAM of this machine; null when nobody asked
 * @param opening they are there already, and stay
 * @throws RekindleError RK422 when something lies on itself or on nothing
 */
export function planStack(layout: Layout, devices: DeviceNames, memoryBytes: number | null, opening = false): Stack {
  const ordered = inOrder(layout, unitsOf(layout, devices, memoryBytes));
  const plans = ordered.map((unit) => ({ unit, plan: unit.plan() }));
  const known = layout.nodes.flatMap(({ id, content }) =>
    content?.kind === 'luks' ? knownSecrets(layout, id, deviceIn(devices, id)) : [],
  );
  const open = { steps: plans.flatMap(openSteps), secrets: known };
  return {
    steps: opening ? open.steps : plans.map((planned) => makeStep(planned, layout, devices)),
    close: plans.toReversed().flatMap(({ plan }) => plan.close),
    warnings: opening ? [] : plans.flatMap(({ plan }) => plan.notes),
    secrets: opening
      ? open.secrets
      : layout.nodes.flatMap(({ id, content }) => (content?.kind === 'luks' ? newSecret(layout, id) : [])),
    reopen: opening || open.steps.length === 0 ? null : open,
  };
}

interface Planned {
  unit: Unit;
  plan: StackPlan;
}

function makeStep({ unit, plan }: Planned, layout: Layout, devices: DeviceNames): Step {
  return {
    id: unit.id,
    title: `make ${plan.name}`,
    target: unit.target,
    destroys: `what is on ${unit.needs.map(({ id }) => shortName(deviceIn(devices, id))).join(', ')}`,
    actions: plan.make,
    leaves: unit.needs.flatMap((node) => {
      const uuid = memberUuid(layout, node);
      return uuid === null ? [] : [{ device: deviceIn(devices, node.id), uuid }];
    }),
    weightBytes: 0,
  };
}

/** What blkid tells of what an array, an encryption or a volume group lies on. */
function memberUuid({ arrays }: Layout, { content }: LayoutNode): string | null {
  if (content?.kind === 'luks' || content?.kind === 'group-member') return content.uuid;
  if (content?.kind !== 'array-member') return null;
  return arrays.find(({ id }) => id === content.array)?.uuid ?? null;
}

function openSteps({ unit, plan }: Planned): Step[] {
  if (plan.open.length === 0) return [];
  const { id, target } = unit;
  return [{ id: `open:${id}`, title: `open ${plan.name}`, target, destroys: null, actions: plan.open, weightBytes: 0 }];
}

function newSecret(layout: Layout, node: string): PlanSecret {
  const name = openedName(layout, node);
  const saved = `${savedName(layout, node)} of the saved machine`;
  const title = name === null ? `new passphrase for ${saved}` : `new passphrase for ${name} (${saved})`;
  return { name: luksSecret(node), title };
}

/** None where nothing lies on it. */
function knownSecrets(layout: Layout, node: string, device: string): PlanSecret[] {
  const name = openedName(layout, node);
  return name === null ? [] : [{ name: luksSecret(node), title: `passphrase of ${name} (${device})`, opens: device }];
}

/** How the machine called what it opened. */
function openedName(layout: Layout, node: string): string | null {
  const opened = layout.nodes.find(({ origin }) => origin.type === 'crypt' && origin.on === node);
  return opened?.origin.type === 'crypt' ? opened.origin.name : null;
}

function deviceIn(devices: DeviceNames, id: string): string {
  const device = devices.get(id);
  if (device === undefined) throw new RekindleError('RK422', `${id} has no device`);
  return device;
}

function unitsOf(layout: Layout, devices: DeviceNames, memoryBytes: number | null): Unit[] {
  const arrays = layout.arrays.map((array): Unit => {
    const needs = membersOfArray(layout, array.id);
    const device = arrayDevice(layout, array.id);
    const sizeBytes = layout.nodes.find(({ id }) => id === array.id)?.sizeBytes;
    if (sizeBytes === undefined) throw new RekindleError('RK422', `${array.id} is no node`);
    const members = needs.flatMap(({ id, content }) =>
      content?.kind === 'array-member' ? [{ content, device: deviceIn(devices, id) }] : [],
    );
    return {
      id: array.id,
      needs,
      target: shortName(device),
      plan: () => planArray({ array, members, device, sizeBytes }),
    };
  });
  const encrypted = layout.nodes.flatMap((node) =>
    node.content?.kind === 'luks' ? [luksUnit(layout, node, devices, memoryBytes)] : [],
  );
  const groups = layout.groups.map((group): Unit => {
    const needs = membersOfGroup(layout, group.id);
    const members = needs.flatMap(({ id, content, sizeBytes }) =>
      content?.kind === 'group-member' ? [{ content, sizeBytes, device: deviceIn(devices, id) }] : [],
    );
    return { id: `group:${group.id}`, needs, target: group.id, plan: () => planGroup({ group, members }) };
  });
  return [...arrays, ...encrypted, ...groups];
}

function luksUnit(layout: Layout, node: LayoutNode, devices: DeviceNames, memoryBytes: number | null): Unit {
  const opened = layout.nodes.find(({ origin }) => origin.type === 'crypt' && origin.on === node.id);
  const device = deviceIn(devices, node.id);
  const { content } = node;
  if (content?.kind !== 'luks') throw new TypeError(`${node.id} is no LUKS`);
  return {
    id: luksSecret(node.id),
    needs: [node],
    target: shortName(device),
    plan: () =>
      planLuks(
        {
          node: node.id,
          content,
          device,
          opened: opened === undefined ? null : deviceIn(devices, opened.id),
          openedBytes: opened?.sizeBytes ?? 0,
        },
        memoryBytes,
      ),
  };
}

/** Unit that makes the device of a node; null for what a partition table makes. */
function makerOf({ origin }: LayoutNode): string | null {
  switch (origin.type) {
    case 'partition':
    case 'disk':
      return null;
    case 'array':
      return origin.array;
    case 'crypt':
      return luksSecret(origin.on);
    case 'volume':
      return `group:${origin.group}`;
  }
}

/** Each after what it needs; else in the layout's order, so that the same layout gives the same plan. */
function inOrder(layout: Layout, units: readonly Unit[]): Unit[] {
  const ids = new Set(units.map(({ id }) => id));
  for (const node of layout.nodes) {
    const maker = makerOf(node);
    if (maker !== null && !ids.has(maker))
      throw new RekindleError('RK422', `${node.id} lies on ${maker}, which is not there`);
  }
  const made = new Set<string>();
  const ordered: Unit[] = [];
  for (let left = [...units]; left.length > 0; ) {
    const ready = left.filter(({ id, needs }) => {
      if (needs.length === 0) throw new RekindleError('RK422', `${id} has no members`);
      return needs.every((node) => [null, ...made].includes(makerOf(node)));
    });
    if (ready.length === 0)
      throw new RekindleError('RK422', `${left.map(({ id }) => id).join(', ')} lie on each other`);
    for (const unit of ready) made.add(unit.id);
    ordered.push(...ready);
    left = left.filter((unit) => !ready.includes(unit));
  }
  return ordered;
}

/** The last step: nothing of the restored machine stays open. Null for a machine without layers. */
export function closeStep({ close }: Stack): Step | null {
  if (close.length === 0) return null;
  return {
    id: 'close',
    title: 'close volume groups, encryption and arrays',
    target: 'all',
    destroys: null,
    actions: close,
    weightBytes: 0,
  };
}
