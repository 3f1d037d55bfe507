import type { SetInfo } from './set-schema.ts';

/** A set as people know it: 'the full set of web01 made 2026-11-20', 'the changes of web01 made 2026-11-21, level 1'. */
export function nameOfSet(hostname: string, createdAt: string, level: number): string {
  const made = `of ${hostname} made ${createdAt.slice(0, 10)}`;
  return level === 0 ? `the full set ${made}` : `the changes ${made}, level ${level}`;
}

export function nameOf({ machine, createdAt, level = 0 }: Pick<SetInfo, 'machine' | 'createdAt' | 'level'>): string {
  return nameOfSet(machine.hostname, createdAt, level);
}
