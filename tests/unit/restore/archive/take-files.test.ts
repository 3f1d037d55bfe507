import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accessAtHand } from '../../../../restore/archive/open-archive.ts';
import { takeFiles } from '../../../../restore/archive/take-files.ts';
import { type CraftedArchive, craft, craftSet } from '../../../fixtures/crafted-set.ts';
import { makeSmallSet, type SmallSet } from '../../../fixtures/small-set.ts';
import { temporaryDirectory } from '../../build/temporary.ts';

const { file, folder, hard, link } = craft;

/** Everything below a folder that an extraction could change. */
function stateOf(directory: string): string {
  return execFileSync('find', ['.', '-printf', '%P %y %m %U:%G %T@ %C@ %l\\n'], { cwd: directory, encoding: 'utf8' });
}

/** A place that is none of the target's. */
function makeVictim(work: string): string {
  const victim = join(work, 'victim');
  mkdirSync(join(victim, 'd'), { recursive: true });
  writeFileSync(join(victim, 'passwd'), 'sound');
  writeFileSync(join(victim, 'd/passwd'), 'sound');
  return victim;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function take(set: SmallSet, path: string, target: string): Promise<number> {
  return takeFiles({ access: accessAtHand(await set.open()), paths: [path], target });
}

/** Folders that were worked in and not removed. */
function leftovers(directory: string): string {
  return execFileSync('find', [directory, '-name', '.rekindle-*'], { encoding: 'utf8' });
}

const slash = (...members: Buffer[]): CraftedArchive[] => [{ mountPoint: '/', members }];

/** What is extracted of what, by a way out that leads to `victim`. */
const crafted: Record<string, [code: string, archives: (victim: string) => CraftedArchive[], path?: string]> = {
  'a file below a link': ['RK310', (victim) => slash(link('./x', victim), file('./x/passwd', 'owned'))],
  'a file below a link that climbs': ['RK310', () => slash(link('./x', '../victim'), file('./x/passwd', 'owned'))],
  'a file below a link to a folder of the target': [
    'RK310',
    () => slash(folder('./a/'), link('./x', 'a'), file('./x/passwd', 'owned')),
  ],
  'a file over a link': ['RK310', (victim) => slash(link('./x', join(victim, 'passwd')), file('./x', 'owned'))],
  'a folder over a link': ['RK310', (victim) => slash(link('./x', victim), folder('./x/', 0o777))],
  'another name of what a link leads to': [
    'RK310',
    (victim) => slash(link('./x', victim), hard('./y', './x/passwd'), file('./y', 'owned')),
  ],
  'a hard link to an absolute name': ['RK310', (victim) => slash(hard('./y', join(victim, 'passwd')))],
  'a hard link that climbs': ['RK310', () => slash(hard('./y', '../victim/passwd'))],
  'an absolute name': ['RK310', (victim) => slash(file(join(victim, 'new'), 'owned'))],
  'a name that climbs': ['RK310', () => slash(file('./a/../../victim/new', 'owned'))],
  'a mount point that climbs': ['RK303', () => [{ mountPoint: '/../victim', members: [file('./passwd', 'owned')] }]],
  'a mount point that is a link of another archive': [
    'RK310',
    (victim) => [...slash(link('./home', victim)), { mountPoint: '/home', members: [file('./passwd', 'owned')] }],
  ],
  'a mount point below a link of another archive': [
    'RK310',
    (victim) => [
      ...slash(folder('./srv/'), link('./srv/x', victim)),
      { mountPoint: '/srv/x/d', members: [file('./passwd', 'owned')] },
    ],
  ],
  'one file, whose line of the index spans others': [
    'RK375',
    (victim) => [
      {
        mountPoint: '/',
        members: [file('./motd', 'hello'), link('./x', victim), file('./other', 'owned')],
        index: (lines) => spanning(lines, './motd'),
      },
    ],
    '/motd',
  ],
  'one file, by the line of another one': [
    'RK375',
    () => [
      {
        mountPoint: '/',
        members: [file('./motd', 'hello'), file('./evil', 'owned')],
        index: (lines) => lines.map((line) => line.replace('./evil', './etc/motd')),
      },
    ],
    '/etc/motd',
  ],
  'a link in the place of a file': [
    'RK375',
    (victim) => [
      {
        mountPoint: '/',
        members: [link('./motd', join(victim, 'passwd'))],
        index: (lines) => lines.map((line) => line.replace(/\tl(\t.*)\t[^\t]*$/, '\tf$1')),
      },
    ],
  ],
};

/** The member's line goes on to the end of all others, which have none. */
function spanning(lines: string[], name: string): string[] {
  const members = lines.filter((line) => line.startsWith('M'));
  const [, at = '', length = ''] = members.at(-1)?.split('\t') ?? [];
  const index = lines.findIndex((line) => line.endsWith(`\t${name}`));
  const fields = lines[index]?.split('\t') ?? [];
  fields[2] = String(Number(at) + Number(length) - Number(fields[1]));
  const kept = lines.filter((line, number) => !(line.startsWith('M') && number > index));
  kept[index] = fields.join('\t');
  return kept.map((line) => line.replace(/^E\t\d+/, `E\t${kept.filter((each) => each.startsWith('M')).length}`));
}

describe('a set that means harm', () => {
  it.each(Object.entries(crafted))(
    'does nothing outside of the target: %s',
    async (_, [code, archives, path = '/']) => {
      const work = await temporaryDirectory();
      const victim = makeVictim(work);
      const target = join(work, 'out');
      const before = stateOf(victim);
      const failure = craftSet(join(work, 'set'), archives(victim)).then((set) => take(set, path, target));
      await expect(failure).rejects.toMatchObject({ code });
      expect(stateOf(victim)).toBe(before);
      expect(leftovers(work)).toBe('');
    },
  );
});

describe('a link in the target', () => {
  const saved = 'home/mallory/d/passwd';

  async function honestSet(work: string): Promise<SmallSet> {
    write(join(work, 'source', saved), 'saved');
    write(join(work, 'source/home/other'), 'saved');
    return makeSmallSet({
      work: join(work, 'set'),
      trees: [{ source: join(work, 'source'), mountPoint: '/', node: 'n' }],
    });
  }

  const kinds: Record<string, (work: string) => string> = {
    'absolute, to a folder elsewhere': (work) => join(work, 'victim'),
    'that climbs': () => '../../../../../../../../../../../../etc',
    'to a folder of the target': (work) => join(work, 'out/etc'),
    'to where it lies': () => '.',
    dangling: () => 'nowhere',
    'to a file': (work) => join(work, 'victim/passwd'),
  };
  const cases = Object.entries(kinds).flatMap(([kind, to]) =>
    ['home', 'home/mallory', 'home/mallory/d'].flatMap((at) =>
      [`/${saved}`, '/home', '/'].map((path) => ({ kind, to, at, path })),
    ),
  );

  it.each(cases)('is named, and nothing is changed: $at, $kind; of $path', async ({ to, at, path }) => {
    const work = await temporaryDirectory();
    const victim = makeVictim(work);
    const out = join(work, 'out');
    write(join(out, 'etc/passwd'), 'sound');
    mkdirSync(dirname(join(out, at)), { recursive: true });
    symlinkSync(to(work), join(out, at));
    const before = [stateOf(victim), stateOf(out)];
    await expect(take(await honestSet(work), path, out)).rejects.toMatchObject({
      code: 'RK374',
      reason: expect.stringContaining(`${at} is a symbolic link to ${to(work)}`),
    });
    expect([stateOf(victim), stateOf(out)]).toEqual(before);
  });

  it('in the place of a file is replaced, not followed', async () => {
    const work = await temporaryDirectory();
    const victim = makeVictim(work);
    mkdirSync(dirname(join(work, 'out', saved)), { recursive: true });
    symlinkSync(join(victim, 'passwd'), join(work, 'out', saved));
    const before = stateOf(victim);
    await take(await honestSet(work), `/${saved}`, join(work, 'out'));
    expect(readFileSync(join(work, 'out', saved), 'utf8')).toBe('saved');
    expect(stateOf(victim)).toBe(before);
  });

  it("is fine on the way to the target: that path is the user's own", async () => {
    const work = await temporaryDirectory();
    mkdirSync(join(work, 'real/below'), { recursive: true });
    symlinkSync('real', join(work, 'way'));
    symlinkSync('real/below', join(work, 'itself'));
    for (const target of ['way/below', 'itself', 'way/made']) {
      await take(await honestSet(work), '/home/other', join(work, target));
      expect(readFileSync(join(work, target, 'home/other'), 'utf8')).toBe('saved');
    }
    expect(readdirSync(join(work, 'real')).sort()).toEqual(['below', 'made']);
  });

  it('where another file system was mounted is named too', async () => {
    const work = await temporaryDirectory();
    const victim = makeVictim(work);
    const archives = [...slash(folder('./etc/')), { mountPoint: '/srv/data', members: [file('./passwd', 'owned')] }];
    const set = await craftSet(join(work, 'set'), archives);
    mkdirSync(join(work, 'out'));
    symlinkSync(victim, join(work, 'out/srv'));
    const before = [stateOf(victim), stateOf(join(work, 'out'))];
    await expect(take(set, '/', join(work, 'out'))).rejects.toMatchObject({ code: 'RK374' });
    expect([stateOf(victim), stateOf(join(work, 'out'))]).toEqual(before);
  });

  it('that comes and goes while files are moved leads nowhere', async () => {
    const work = await temporaryDirectory();
    const victim = makeVictim(work);
    const set = await honestSet(work);
    const before = stateOf(victim);
    const folderAt = join(work, 'out/home/mallory');
    mkdirSync(join(folderAt, 'd'), { recursive: true });
    writeFileSync(join(folderAt, 'go'), '');
    const loop =
      'while [ -e go ]; do mv -T d x; ln -s ../../../victim d; rm -f d; rm -rf d; mv -T x d; done 2> /dev/null; :';
    const swapping = spawn('sh', ['-c', loop], { cwd: folderAt });
    const ended = new Promise((resolve) => swapping.on('close', resolve));
    const codes = new Set<string>();
    for (let round = 0; round < 40; round += 1)
      await take(set, ['/', `/${saved}`][round % 2] ?? '', join(work, 'out')).catch((error: unknown) =>
        codes.add(error instanceof Error && 'code' in error ? String(error.code) : String(error)),
      );
    execFileSync('rm', [join(folderAt, 'go')]);
    await ended;
    expect([...codes].filter((code) => code !== 'RK374' && code !== 'RK311')).toEqual([]);
    expect(stateOf(victim)).toBe(before);
    expect(leftovers(work)).toBe('');
  });
});
