import { contentLayer, runs } from './layer.ts';
import { swapContentSchema } from './schema.ts';

/** Swap partitions: only their identity is worth keeping; a hibernated image (swsuspend) is not. */
export const swap = contentLayer(swapContentSchema, {
  kinds: ['swap'],
  async capture(_device, probe) {
    return { kind: 'swap', uuid: probe.UUID ?? '', label: probe.LABEL ?? '' };
  },
  plan(content, device) {
    const uuid = content.uuid === '' ? [] : ['-U', content.uuid];
    const label = content.label === '' ? [] : ['-L', content.label];
    return {
      name: 'swap area',
      uuid: content.uuid === '' ? null : content.uuid,
      mount: null,
      rehearse: [],
      make: [runs(['mkswap', ...uuid, ...label, device])],
      notes: [],
    };
  },
});
