import { RekindleError } from '../common/errors/error.ts';
import { captureLayout } from '../restore/layout/capture.ts';
import type { Layout } from '../restore/layout/schema.ts';
import type { Destination } from './destination.ts';

/** The machine's storage; the destination's own disk is not part of it, unless the machine lies on that disk too. */
export async function captureWithout(destination: Destination | null): Promise<Layout> {
  if (destination === null || !destination.device.startsWith('/dev/')) return captureLayout();
  try {
    return await captureLayout({ excludeDisks: [destination.device] });
  } catch (error) {
    if (error instanceof RekindleError && error.code === 'RK415') return captureLayout();
    throw error;
  }
}
