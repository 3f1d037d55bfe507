import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { decodeMountPoint, mountPoints } from '../../../../init/kernel-file-systems.ts';
import { livingProcesses, parseStat } from '../../../../init/stage2/processes.ts';

describe('what shutting down looks at', () => {
  it('tells programs from kernel threads and the dead', () => {
    const line = (name: string, state: string, flags: number) => `42 (${name}) ${state} 1 42 42 0 -1 ${flags} 0 0`;
    expect(parseStat(line('a) b (c', 'S', 4194304), 42)).toEqual([{ pid: 42, parent: 1, name: 'a) b (c' }]);
    expect(parseStat(line('kworker/0:1', 'I', 69238880), 42)).toEqual([]);
    expect(parseStat(line('sh', 'Z', 4227084), 42)).toEqual([]);
  });

  it('finds a running child', () => {
    const child = spawn('sleep', ['100']);
    expect(livingProcesses()).toContainEqual({ pid: child.pid, parent: process.pid, name: 'sleep' });
    child.kill();
  });

  it('reads mount points as the kernel writes them', () => {
    expect(decodeMountPoint('/mnt/a\\040b\\134c')).toBe('/mnt/a b\\c');
    expect(mountPoints()).toContain('/proc');
  });
});
