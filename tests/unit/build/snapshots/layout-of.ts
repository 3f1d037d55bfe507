import type { Layout } from '../../../../restore/layout/schema.ts';
import { sampleLayout } from '../sample-layout.ts';

/** The sample layout, its file system being an ext4 with that UUID. */
export async function layoutOf(mountPoint: string, uuid: string): Promise<Layout> {
  const layout = await sampleLayout(mountPoint);
  const content = {
    kind: 'ext4' as const,
    uuid,
    label: '',
    blockBytes: 4096,
    blockCount: 1000,
    inodeBytes: 256,
    inodeCount: 1000,
    reservedBlocks: 0,
    features: [],
    defaultMountOptions: [],
    hashSeed: null,
    journalBlocks: null,
    errorsBehavior: 'continue' as const,
    maxMountCount: -1,
    checkIntervalSeconds: 0,
  };
  return { ...layout, nodes: layout.nodes.map((node) => ({ ...node, content })) };
}
