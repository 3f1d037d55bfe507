import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { chmod, chown, link, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logged } from '../../../build/create-log.ts';
import { runHooks } from '../../../build/hooks.ts';
import { RekindleError } from '../../../common/errors/error.ts';
import { renderLine } from '../../../common/render-command.ts';
import { run } from '../../../common/run.ts';
import { version } from '../../../common/version.ts';
import { temporaryDirectory } from './temporary.ts';

const set = '6c2f9e4e-0000-4000-8000-000000000001';

async function logInto(directory: string, work: () => Promise<unknown> = async () => undefined): Promise<string[]> {
  const written: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = (text) => written.push(String(text)) > 0;
  try {
    await logged({ set, to: ['iso:/mnt/m.iso'], directory }, work, () => 'made /mnt/m.iso').catch(() => undefined);
  } finally {
    process.stderr.write = write;
  }
  return written;
}

describe('the log of create', () => {
  it('says what was made of what, and every command with its time and its end, to be pasted', async () => {
    const directory = join(await temporaryDirectory(), 'log');
    const said = await logInto(directory, async () => {
      await run(['printf', '%s', "it's a word"]);
      await run(['false'], { okExit: [1] });
      await run(['/nonexistent/tool']).catch(() => undefined);
    });
    expect(said).toEqual([]);
    const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z \\[\\d+\\]';
    const patterns = [
      `# ${time} create begins: rekindle ${version}, to iso:/mnt/m.iso, set ${set}`,
      `printf %s 'it'\\\\''s a word' # ${time} \\d+\\.\\d{3} s, exit 0`,
      `false # ${time} \\d+\\.\\d{3} s, exit 1`,
      `/nonexistent/tool # ${time} \\d+\\.\\d{3} s, ENOENT`,
      `# ${time} create ended after \\d+ s: made /mnt/m.iso, set ${set}`,
    ];
    const file = join(directory, 'create.log');
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`^${patterns.join('\n')}\n$`));
    expect([statSync(directory).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('ends with the code of what stopped it, and holds no words of a hook or of an error', async () => {
    const directory = join(await temporaryDirectory(), 'log');
    await logInto(directory, async () => {
      await runHooks([['sh', '-c', ': hunter2']], { timeLimitSeconds: 30 });
      throw new RekindleError('RK211', 'hunter2');
    });
    const text = readFileSync(join(directory, 'create.log'), 'utf8');
    expect(text).toMatch(
      /\n# hook sh \.\.\. # .* s, exit 0\n.*: RK211 The disk became full while the medium was written\./,
    );
    expect(text).not.toContain('hunter2');
  });

  it('is one line a command, which a shell takes for the same words', () => {
    const words = fc.array(
      fc.string({ unit: 'binary', maxLength: 20 }).filter((word) => !word.includes('\0')),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(words, (argv) => {
        const line = renderLine(argv);
        expect(line).not.toMatch(/\p{Cc}/u);
        const output = execFileSync('bash', ['-c', `printf '%s\\0' ${line}`]);
        expect(output.equals(Buffer.from(`${argv.join('\0')}\0`))).toBe(true);
      }),
      { numRuns: 60, examples: [[['a\nrm -rf /', "it's", '\u202e', 'x\\y\n']]] },
    );
  });

  it('keeps the one before when it becomes large', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'create.log'), Buffer.alloc(4 << 20));
    await logInto(directory);
    expect(statSync(join(directory, 'create.log.1')).size).toBe(4 << 20);
    expect(readFileSync(join(directory, 'create.log'), 'utf8')).toMatch(/^# /);
  });
});

describe('a log that cannot be written', () => {
  const precious = 'precious';

  it.each([
    ['a link', (log: string, file: string) => symlink(file, log)],
    ['a second name of a file', (log: string, file: string) => link(file, log)],
    ['a pipe that nobody reads', async (log: string) => void (await run(['mkfifo', log]))],
    ['a folder', (log: string) => mkdir(log).then(() => undefined)],
  ])('since %s has its name is told once, and create goes on', async (_, put) => {
    const directory = await temporaryDirectory();
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, precious);
    await put(join(directory, 'create.log'), file);
    let worked = false;
    const said = await logInto(directory, async () => {
      worked = true;
    });
    expect(worked).toBe(true);
    expect(said).toEqual([expect.stringContaining('no log of this run is kept')]);
    expect(readFileSync(file, 'utf8')).toBe(precious);
  });

  it.each([
    ["is another user's", (directory: string) => chown(directory, 65534, 65534)],
    ['can be written by others', (directory: string) => chmod(directory, 0o777)],
  ])('since its folder %s', async (_, change) => {
    const directory = await temporaryDirectory();
    await change(directory);
    expect(await logInto(directory)).toEqual([expect.stringContaining('can be changed by others')]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('since its folder is a link, or the disk is read-only or full', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'elsewhere'));
    await symlink('elsewhere', join(directory, 'log'));
    expect(await logInto(join(directory, 'log'))).toEqual([expect.stringMatching(/ENOTDIR|ELOOP/)]);
    expect(await readdir(join(directory, 'elsewhere'))).toEqual([]);
    await run(['mount', '-t', 'tmpfs', '-o', 'size=4k,nr_inodes=10', 'tmpfs', join(directory, 'elsewhere')]);
    try {
      await chmod(join(directory, 'elsewhere'), 0o700);
      const many = async (): Promise<void> => {
        for (let number = 0; number < 60; number += 1) await run(['true', 'x'.repeat(200)]);
      };
      expect(await logInto(join(directory, 'elsewhere'), many)).toEqual([expect.stringContaining('ENOSPC')]);
      await run(['mount', '-o', 'remount,ro', join(directory, 'elsewhere')]);
      expect(await logInto(join(directory, 'elsewhere'))).toEqual([expect.stringContaining('EROFS')]);
    } finally {
      await run(['umount', join(directory, 'elsewhere')]);
    }
  });
});
