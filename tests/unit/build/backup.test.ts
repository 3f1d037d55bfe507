import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../common/run.ts';
import { manifestSchema } from '../../../restore/archive/set-schema.ts';
import { debianKernel } from './debian-kernel.ts';
import { linesOf, smallFileSystem, temporaryDirectory } from './temporary.ts';

interface Ended {
  output: string;
  code: number | null;
}

/** Runs create in a process of its own; `onPhase` may end it with a signal. */
async function create(args: readonly string[], onPhase?: (phase: string) => NodeJS.Signals | null): Promise<Ended> {
  const script = join(import.meta.dirname, 'create-child.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args]);
  let output = '';
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const [, phase = ''] of chunk.toString().matchAll(/^phase (.*)$/gm)) {
      const signal = onPhase?.(phase);
      if (signal) child.kill(signal);
    }
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const [code] = (await once(child, 'close')) as [number | null];
  return { output, code };
}

/** What is mounted on or below the machine, and anything of ours; other tests mount things too. */
async function mounts(machine: string): Promise<string[]> {
  const all = linesOf(await readFile('/proc/self/mounts', 'utf8'));
  return all.filter((line) => line.includes(machine) || line.includes('rekindle-source')).toSorted();
}

/** The machine to save: 60 MB of incompressible data, a mount point with a file hidden below it. */
async function sampleMachine(): Promise<string> {
  const machine = await smallFileSystem(1500);
  await run(['dd', 'if=/dev/urandom', `of=${join(machine, 'data')}`, 'bs=1M', 'count=60', 'status=none']);
  await mkdir(join(machine, 'mnt'));
  await writeFile(join(machine, 'mnt/hidden'), 'under a mount point');
  await run(['mount', '-t', 'tmpfs', 'tmpfs', join(machine, 'mnt')]);
  await writeFile(join(machine, 'mnt/other'), 'of another file system');
  await mkdir(join(machine, 'media'));
  return machine;
}

beforeAll(async () => {
  await debianKernel();
}, 300_000);

describe('create with a backup, onto the very file system that is saved', () => {
  it('saves what lies under mount points, leaves its own output out and mounts nothing on the machine', async () => {
    const machine = await sampleMachine();
    await writeFile(join(machine, 'media/m.iso'), 'the last one');
    const before = await mounts(machine);
    const { output, code } = await create([machine, `iso:${join(machine, 'media/m.iso')}`]);
    expect(code, output).toBe(0);
    expect(await mounts(machine)).toEqual(before);
    expect(await readdir(join(machine, 'media'))).toEqual(['m.iso']);
    expect((await stat(join(machine, 'media/m.iso'))).mode & 0o777).toBe(0o600);

    const target = await temporaryDirectory();
    const { set } = JSON.parse(/^result (.*)$/m.exec(output)?.[1] ?? '{}') as { set: string };
    await run(['xorriso', '-osirrox', 'on', '-indev', join(machine, 'media/m.iso'), '-extract', '/', target]);
    const directory = join(target, 'rekindle', set);
    const manifest = manifestSchema.parse(JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')));
    await run(['sha256sum', '--check', '--quiet', 'manifest.json.sha256'], { cwd: directory });
    const archive = join(directory, manifest.archives[0]?.parts[0]?.path ?? '');
    const names = linesOf((await run(['tar', '-t', '--zstd', '-f', archive])).stdout);
    expect(names).toEqual(expect.arrayContaining(['./data', './mnt/hidden', './media/']));
    expect(names.filter((name) => /m\.iso|\.part|other/.test(name))).toEqual([]);
    await run(['tar', '-x', '--zstd', '-f', archive, '-C', target, './data']);
    await run(['cmp', join(target, 'data'), join(machine, 'data')]);
  });

  it('Ctrl-C in the middle of the backup leaves nothing behind (RK006)', async () => {
    const machine = await sampleMachine();
    const before = await mounts(machine);
    const { output, code } = await create([machine, `iso:${join(machine, 'media/m.iso')}`], (phase) =>
      phase.startsWith('save ') ? 'SIGINT' : null,
    );
    expect(output).toContain('"code":"RK006"');
    expect(code).toBe(1);
    expect(await mounts(machine)).toEqual(before);
    expect(await readdir(join(machine, 'media'))).toEqual([]);
  });

  it('killed outright it leaves nothing mounted, and the next run removes what lies around', async () => {
    const machine = await sampleMachine();
    const before = await mounts(machine);
    const to = `iso:${join(machine, 'media/m.iso')}`;
    await create([machine, to], (phase) => (phase.startsWith('save ') ? 'SIGKILL' : null));
    expect(await mounts(machine)).toEqual(before);
    expect(await readdir(join(machine, 'media'))).toEqual([expect.stringMatching(/^\.rekindle-[0-9a-f.]+-\w+\.part$/)]);
    expect(await readFile(join(machine, 'mnt/other'), 'utf8')).toBe('of another file system');
    const { code, output } = await create([machine, to]);
    expect(code, output).toBe(0);
    // Of what runs beside this test there may be others.
    const left = (await readdir('/run')).filter((name) => name.startsWith('rekindle-source'));
    expect(left.filter((name) => !existsSync(`/proc/${name.split('.')[3]}`))).toEqual([]);
    expect(await readdir(join(machine, 'media'))).toEqual(['m.iso']);
  });
});
