import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDump, printDump, renameDisk } from '../src/index.ts';

/** What the real sfdisk made of a table. */
export interface Written {
  accepted: boolean;
  /** Its words. */
  said: string;
  /** What `sfdisk -d` prints then; '' when it refused. */
  dump: string;
}

function call(command: string, args: readonly string[], input = ''): SpawnSyncReturns<string> {
  const result = spawnSync(command, args, { input, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  if (result.error) throw result.error;
  return result;
}

/** Sparse disks in a directory of their own: in memory where there is one, for sfdisk syncs each table. */
export class Disks {
  readonly #directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sfdisk-parser-'));
  readonly #loops = new Map<string, string>();
  readonly file = join(this.#directory, 'disk');

  /** Writes a table to a blank disk of that size; reads it back. */
  write(text: string, size: number, sectorSize = 512): Written {
    const device = sectorSize === 512 ? this.#blank(this.file, size) : this.#blankLoop(size, sectorSize);
    const { status, stdout, stderr } = call('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', device], text);
    const dump = status === 0 ? call('sfdisk', ['-d', device]).stdout : '';
    return { accepted: status === 0, said: (stdout + stderr).trim(), dump };
  }

  /** As write, with the table's own device names in what comes back: to be compared as text. */
  roundTrip(text: string, size: number, sectorSize = 512): Written {
    const disk = /^device: (.*)$/m.exec(text)?.[1] ?? '';
    const device = sectorSize === 512 ? this.file : this.#blankLoop(size, sectorSize);
    const written = this.write(printDump(renameDisk(parseDump(text), device)), size, sectorSize);
    return written.accepted ? { ...written, dump: printDump(renameDisk(parseDump(written.dump), disk)) } : written;
  }

  #blank(path: string, size: number): string {
    writeFileSync(path, '');
    truncateSync(path, size);
    return path;
  }

  /** There are few loop devices: one is kept, and its file grows and shrinks. */
  #blankLoop(size: number, sectorSize: number): string {
    const path = this.#blank(`${this.file}-${sectorSize}`, size);
    const known = this.#loops.get(path);
    if (known !== undefined) {
      call('losetup', ['--set-capacity', known]);
      return known;
    }
    for (let attempt = 0; attempt < 60; attempt += 1) {
      const { status, stdout } = call('losetup', ['--show', '--find', '--sector-size', String(sectorSize), path]);
      if (status === 0) {
        this.#loops.set(path, stdout.trim());
        return stdout.trim();
      }
      call('sleep', ['1']);
    }
    throw new Error('no loop device became free');
  }

  remove(): void {
    for (const loop of this.#loops.values()) call('losetup', ['--detach', loop]);
    rmSync(this.#directory, { recursive: true });
  }
}
