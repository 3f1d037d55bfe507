import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, link, lstat, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeWorkDirectory, removeWorkDirectory } from '../../../build/work.ts';
import { goneMark } from './gone-mark.ts';
import { temporaryDirectory } from './temporary.ts';

interface Begun {
  made: string;
  left: string[];
  child: ChildProcessWithoutNullStreams;
}

/** Begins to work in a process of its own. @param around what makes it another container or machine */
async function begin(parent: string, around: readonly string[] = []): Promise<Begun> {
  const script = join(import.meta.dirname, 'make-work-child.ts');
  const [file = '', ...words] = [...around, process.execPath, '--disable-warning=ExperimentalWarning', script, parent];
  const child = spawn(file, words);
  onTestFinished(() => void child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  for await (const line of createInterface({ input: child.stdout }))
    return { ...(JSON.parse(line) as Pick<Begun, 'made' | 'left'>), child };
  throw new Error(errors);
}

async function end({ child }: Begun): Promise<void> {
  const closed = once(child, 'close');
  child.stdin.end();
  await closed;
}

const container = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** As after a restart, or on a machine that is made of the same image: another /etc/machine-id or boot id. */
function machine(file: string, text: string, directory: string): string[] {
  const script = `printf '%s\\n' ${text} > ${directory}/${basename(file)}; mount --bind ${directory}/${basename(file)} ${file}; exec "$@"`;
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', script, 'sh'];
}
const bootId = '/proc/sys/kernel/random/boot_id';

const planted = (): string => `.rekindle-${goneMark()}-abcdef12.part`;

/** What a run leaves that was killed. */
async function leftover(parent: string): Promise<string> {
  const path = join(parent, planted());
  await mkdir(join(path, basename(path)), { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  await writeFile(join(path, 'image'), 'half');
  return path;
}

describe('a work folder', () => {
  it('is for root only, names its process and goes with all it holds', async () => {
    const parent = await temporaryDirectory();
    const made = await makeWorkDirectory(parent);
    expect((await lstat(made)).mode & 0o777).toBe(0o700);
    await mkdir(join(made, 'a/b'), { recursive: true });
    await writeFile(join(made, 'a/b/file'), 'x');
    await symlink('/etc/passwd', join(made, 'a/link'));
    await removeWorkDirectory(made);
    expect(await readdir(parent)).toEqual([]);
    await removeWorkDirectory(made);
    await expect(removeWorkDirectory(parent)).rejects.toThrow('is not a work directory');
  });

  it('of a run that was killed is removed by the next', async () => {
    const parent = await temporaryDirectory();
    const first = await begin(parent);
    await writeFile(join(first.made, 'more'), 'x');
    first.child.kill('SIGKILL');
    await once(first.child, 'close');
    await mkdir(join(parent, `.rekindle-${goneMark()}-00000000.part`), { mode: 0o700 });
    const second = await begin(parent);
    expect(second.left).toEqual([]);
    expect(await readdir(parent)).toEqual([basename(second.made)]);
  });

  it('of a run in the same place that still works stays', async () => {
    const parent = await temporaryDirectory();
    const [first, second] = [await begin(parent), await begin(parent)];
    expect(second.left).toEqual([]);
    expect((await readdir(parent)).toSorted()).toEqual([first, second].map(({ made }) => basename(made)).toSorted());
  });

  it('of another container stays, whether it works or was killed, and is named with what removes it', async () => {
    const parent = await temporaryDirectory();
    const first = await begin(parent, container);
    for (const around of [container, []]) {
      const second = await begin(parent, around);
      expect(await readFile(join(first.made, 'image'), 'utf8')).toBe('an hour of work');
      expect(second.left.filter((text) => text.includes(first.made))).toEqual([
        `${first.made} belongs to a create on another machine or in another container; if none runs there, remove it: rm -r ${first.made}`,
      ]);
      await end(second);
    }
  });

  it('of this machine before it was restarted is removed, of another machine or a clone it stays', async () => {
    const parent = await temporaryDirectory();
    const other = await temporaryDirectory();
    const machineId = machine('/etc/machine-id', '0123456789abcdef0123456789abcdef', other);
    const clone = ['unshare', '--uts', 'sh', '-ec', 'hostname web02; exec "$@"', 'sh'];
    const boot = machine(bootId, '11111111-2222-4333-8444-555555555555', other);
    const before = await begin(parent, boot);
    const others = [await begin(parent, [...boot, ...machineId]), await begin(parent, [...boot, ...clone])];
    await end(before);
    for (const each of others) await end(each);
    const now = await begin(parent);
    expect(existsSync(before.made)).toBe(false);
    expect(now.left.length).toBe(2);
    for (const { made } of others) expect(await readFile(join(made, 'image'), 'utf8')).toBe('an hour of work');
  });

  it('of a process that cannot be told from others stays: a /proc of another namespace', async () => {
    const parent = await temporaryDirectory();
    const first = await begin(parent, ['unshare', '--pid', '--fork', '--kill-child']);
    await end(first);
    const second = await begin(parent);
    expect(existsSync(first.made)).toBe(true);
    expect(second.left.length).toBe(1);
  });
});

describe('a folder that is only named like one that was left', () => {
  /** It stays, and so does what it shows. */
  async function stays(parent: string, file: string): Promise<void> {
    const left: string[] = [];
    const made = await makeWorkDirectory(parent, (text) => left.push(text));
    expect(await readFile(file, 'utf8')).toBe('precious');
    expect(left).toEqual([expect.stringContaining(planted())]);
    await removeWorkDirectory(made);
  }

  it.each(['directory', 'link to nothing'])('is no way to elsewhere: a symbolic link to a %s', async (what) => {
    const [parent, elsewhere] = [await temporaryDirectory(), await temporaryDirectory()];
    await writeFile(join(elsewhere, 'file'), 'precious');
    await mkdir(join(elsewhere, planted()));
    await symlink(what === 'directory' ? elsewhere : '/nonexistent', join(parent, planted()));
    await stays(parent, join(elsewhere, 'file'));
    expect((await lstat(join(parent, planted()))).isSymbolicLink()).toBe(true);
  });

  it("is another user's", async () => {
    const path = await leftover(await temporaryDirectory());
    await writeFile(join(path, 'file'), 'precious');
    await chown(path, 65534, 65534);
    await stays(join(path, '..'), join(path, 'file'));
  });

  it('can be written by others', async () => {
    const path = await leftover(await temporaryDirectory());
    await writeFile(join(path, 'file'), 'precious');
    await chmod(path, 0o770);
    await stays(join(path, '..'), join(path, 'file'));
  });

  it("is a directory of root's that the user of the folder above gave that name", async () => {
    const parent = await temporaryDirectory();
    await chown(parent, 65534, 65534);
    await mkdir(join(parent, 'of-root'), { mode: 0o700 });
    await writeFile(join(parent, 'of-root/file'), 'precious');
    execFileSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'mv', 'of-root', planted()], {
      cwd: parent,
    });
    await stays(parent, join(parent, planted(), 'file'));
  });

  it('is a file', async () => {
    const parent = await temporaryDirectory();
    await writeFile(join(parent, planted()), 'precious');
    await stays(parent, join(parent, planted()));
  });
});

describe('what is in a folder that was left', () => {
  it('is removed by its name only: links of both kinds keep what they show', async () => {
    const path = await leftover(await temporaryDirectory());
    const elsewhere = await temporaryDirectory();
    await mkdir(join(elsewhere, 'folder'));
    for (const name of ['file', 'folder/file']) await writeFile(join(elsewhere, name), 'precious');
    await symlink(join(elsewhere, 'folder'), join(path, 'to-folder'));
    await link(join(elsewhere, 'file'), join(path, 'hard'));
    await removeWorkDirectory(await makeWorkDirectory(join(path, '..')));
    expect(await readdir(join(path, '..'))).toEqual([]);
    for (const name of ['file', 'folder/file']) expect(await readFile(join(elsewhere, name), 'utf8')).toBe('precious');
  });

  it.each(['bind', 'tmpfs'])('stays where something is mounted in it (%s)', async (kind) => {
    const path = await leftover(await temporaryDirectory());
    const elsewhere = await temporaryDirectory();
    const at = join(path, 'mounted');
    await mkdir(at);
    execFileSync('mount', kind === 'bind' ? ['--bind', elsewhere, at] : ['-t', 'tmpfs', 'tmpfs', at]);
    onTestFinished(() => void execFileSync('umount', [at]));
    await writeFile(join(at, 'file'), 'precious');
    const left: string[] = [];
    await removeWorkDirectory(await makeWorkDirectory(join(path, '..'), (text) => left.push(text)));
    expect(await readFile(join(at, 'file'), 'utf8')).toBe('precious');
    expect(left).toEqual([expect.stringContaining('mounted is a mount point: what is in it stays')]);
  });

  it('cannot be swapped for a link while it is removed', async () => {
    const parent = await temporaryDirectory();
    const elsewhere = await temporaryDirectory();
    await writeFile(join(elsewhere, 'file'), 'precious');
    for (let round = 0; round < 20; round += 1) {
      const path = await leftover(parent);
      for (let number = 0; number < 20; number += 1) await mkdir(join(path, `folder-${number}`));
      const removed = makeWorkDirectory(parent);
      await Promise.all([
        rename(path, join(parent, `away-${round}`)).then(
          () => symlink(elsewhere, path),
          () => undefined,
        ),
        removed,
      ]);
      await removeWorkDirectory(await removed);
      execFileSync('rm', ['-rf', path]);
      expect(await readFile(join(elsewhere, 'file'), 'utf8')).toBe('precious');
    }
  });
});
