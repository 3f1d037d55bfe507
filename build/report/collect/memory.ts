import type { MemoryModule } from '../facts.ts';
import { NothingKnown, readFact, runTool } from './ask.ts';

/** Bytes of memory that the kernel has: a little less than what is plugged in. */
export async function readMemory(): Promise<number> {
  const kibibytes = /^MemTotal:\s+(\d+) kB$/m.exec((await readFact('/proc/meminfo')) ?? '')?.[1];
  if (kibibytes === undefined) throw new NothingKnown('/proc/meminfo has no MemTotal');
  return Number(kibibytes) * 1024;
}

/** What is plugged in, as the firmware tells it. */
export async function readMemoryModules(): Promise<MemoryModule[]> {
  const modules = parseMemoryModules((await runTool(['dmidecode', '--quiet', '--type', 'memory'])).stdout);
  if (modules.length === 0) throw new NothingKnown('the firmware lists no memory modules');
  return modules;
}

/** Reads dmidecode's "Memory Device" blocks; empty slots are left out. */
export function parseMemoryModules(output: string): MemoryModule[] {
  return output.split(/\n\s*\n/).flatMap((block) => {
    if (!/^Memory Device$/m.test(block)) return [];
    const field = (name: string): string | null => {
      const value = new RegExp(`^\\s+${name}: (.*)$`, 'm').exec(block)?.[1]?.trim() ?? '';
      return value === '' || /^(unknown|not specified|none|not provided|no dimm|\[empty\])$/i.test(value)
        ? null
        : value;
    };
    const words = (...names: string[]): string | null =>
      names
        .map(field)
        .filter((word) => word !== null)
        .join(' ') || null;
    const size = field('Size');
    if (size === null || /^No Module/i.test(size)) return [];
    return [
      {
        slot: field('Locator') ?? 'unnamed slot',
        size,
        kind: words('Type', 'Form Factor', 'Speed'),
        part: words('Manufacturer', 'Part Number'),
        serial: field('Serial Number'),
      },
    ];
  });
}
