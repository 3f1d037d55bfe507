import { readdirSync, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { edit, type Sabotage, type Victim, zero } from './sabotage.ts';

/** Numbers from 0 up to 1, the same ones for a seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Kind = (random: () => number) => Pick<Sabotage, 'name' | 'apply'>;

const pick = <T>(random: () => number, from: readonly T[]): T => {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
};

/** Files that a start reads, in a fixed order. */
function filesBelow({ root }: Victim, directory: string): string[] {
  const names = readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' });
  return names
    .map((name) => join(root, directory, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .toSorted();
}

/** Ids, file names and device words of a text, where one character is changed. */
function changeOne(text: string, pattern: RegExp, random: () => number): string {
  const match = pick(random, [...text.matchAll(pattern)]);
  const at = match.index + Math.floor(random() * match[0].length);
  const digit = text[at] === '7' ? '8' : '7';
  return `${text.slice(0, at)}${digit}${text.slice(at + 1)}`;
}

const kinds: readonly Kind[] = [
  (random) => {
    const where = pick(random, ['boot', 'usr/lib/systemd', 'usr/sbin']);
    const which = random();
    return {
      name: `a file of /${where} is gone (${which.toFixed(3)})`,
      apply: async (victim) => rm(pick(() => which, filesBelow(victim, where))),
    };
  },
  (random) => {
    const [which, place] = [random(), random()];
    return {
      name: `a page of a file of /boot is zero (${which.toFixed(3)}, ${place.toFixed(3)})`,
      apply: async (victim) => {
        const path = pick(() => which, filesBelow(victim, 'boot'));
        const file = await open(path, 'r+');
        const { size } = await file.stat();
        await file.write(
          Buffer.alloc(Math.min(4096, size)),
          0,
          Math.min(4096, size),
          Math.floor((place * size) / 4096) * 4096,
        );
        await file.close();
      },
    };
  },
  (random) => {
    const values = [random(), random()];
    return {
      name: `a digit of an id in fstab (${values.map((value) => value.toFixed(3))})`,
      apply: async (victim) =>
        edit(victim, 'etc/fstab', (text) => changeOne(text, /(?<=UUID=)[0-9a-f-]{36}/g, once(values))),
    };
  },
  (random) => {
    const values = [random(), random()];
    return {
      name: `a digit of an id or a file name in the boot menu (${values.map((value) => value.toFixed(3))})`,
      apply: async (victim) =>
        edit(victim, 'boot/grub/grub.cfg', (text) =>
          changeOne(text, /(?<=root=UUID=)[0-9a-f-]{36}|(?<=\/)(vmlinuz|initrd)[^\s']+/g, once(values)),
        ),
    };
  },
  (random) => {
    const sector = Math.floor(random() * 64);
    return { name: `sector ${sector} of the disk is zero`, apply: ({ disk }) => zeroCode(disk, sector) };
  },
];

/** Of the first sector only the code: the table in it would be another disk. */
const zeroCode = (disk: string, sector: number): Promise<void> => zero(disk, sector * 512, sector === 0 ? 440 : 512);

function once(values: readonly number[]): () => number {
  let at = 0;
  return () => values[at++ % values.length] ?? 0;
}

/** So many ways to break a system, the same ones for a seed. */
export function randomSabotages(seed: number, count: number): Sabotage[] {
  const random = numbers(seed);
  return Array.from({ length: count }, (_, index) => {
    const { name, apply } = pick(random, kinds)(random);
    return { name: `seed ${seed}, ${index + 1}: ${name}`, apply };
  });
}
