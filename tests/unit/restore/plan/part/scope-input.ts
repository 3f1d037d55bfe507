import type { Here } from '../../../../../restore/bootloader/firmware.ts';
import type { Layout } from '../../../../../restore/layout/schema.ts';
import type { PlanInput } from '../../../../../restore/plan/plan.ts';
import type { Plan } from '../../../../../restore/plan/step.ts';
import { biosMachine, manifestOf, savedBytes, setOf, targetDisk } from '../machines.ts';

export function inputOf(layout: Layout, sizeBytes = savedBytes): PlanInput {
  const here: Here = { firmware: layout.boot.firmware, bootEntries: [], partitionIds: [] };
  const targets = layout.disks.map(({ id }, index) => {
    const name = `vd${String.fromCharCode(97 + index)}`;
    return { source: id, disk: targetDisk({ path: `/dev/${name}`, name, sizeBytes }) };
  });
  return { set: setOf(layout), manifest: manifestOf(layout), layout, targets, here };
}

export function ids({ steps }: Plan): string[] {
  return steps.map(({ id }) => id);
}

/** With a root file system on the first node that is free. */
export function withRoot(layout: Layout): Layout {
  const root = biosMachine().nodes.find(({ mount }) => mount?.at === '/');
  const free = layout.nodes.find(({ content }) => content === null);
  const nodes = layout.nodes.map((node) =>
    node === free && root ? { ...node, content: root.content, mount: root.mount } : node,
  );
  return { ...layout, nodes };
}
