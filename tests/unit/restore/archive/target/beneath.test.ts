import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { getInodeFlags } from '@rekindle/linux-syscalls';
import { beforeEach, describe, expect, it } from 'vitest';
import { clearDirectoryAttributes } from '../../../../../restore/archive/incremental/clear-attributes.ts';
import { replayNames } from '../../../../../restore/archive/incremental/names.ts';
import { prepareEmpty } from '../../../../../restore/archive/index/prepare-empty.ts';
import { replayAttributes } from '../../../../../restore/archive/index/replay-attributes.ts';
import { replayDirectories } from '../../../../../restore/archive/index/replay-directories.ts';
import {
  makeFolders,
  obstacleIn,
  openBeneath,
  openRoot,
  openStepwise,
  removeFile,
  splitPath,
} from '../../../../../restore/archive/target/beneath.ts';
import { indexOf, streamOf } from '../../../../fixtures/framed-archive.ts';
import { temporaryDirectory } from '../../../build/temporary.ts';

let work = '';
/** work/root with links out of it to work/victim. */
let root = '';
let victim = '';

beforeEach(async () => {
  work = await temporaryDirectory();
  root = join(work, 'root');
  victim = join(work, 'victim');
  for (const at of [root, victim]) {
    mkdirSync(join(at, 'd'), { recursive: true });
    writeFileSync(join(at, 'd/f'), 'same');
  }
  symlinkSync('../victim', join(root, 'out'));
  symlinkSync(join(victim, 'd'), join(root, 'd/away'));
  symlinkSync('d', join(root, 'inside'));
  symlinkSync('d/f', join(root, 'file'));
});

const bytes = (path: string): Buffer => Buffer.from(path, 'latin1');
/** By way of a link, whose target is outside or not. */
const throughLinks = [
  './out/d/f',
  './d/away/f',
  './inside/f',
  './file',
  './out',
  './out/',
  'out/d/../d/f',
  './out/new',
];

function stateOf(directory: string): string {
  const script = `find . -printf '%P %y %m %U:%G %n %T@ %C@\\n' | sort; lsattr -R . | sort; getfattr -R -d -m - .`;
  return execFileSync('sh', ['-c', script], { cwd: directory, encoding: 'utf8' });
}

describe.each([
  ['openat2', openBeneath],
  ['one folder after the other', openStepwise],
])('opening beneath a folder: %s', (_, open) => {
  it('reaches what is there, by any spelling', () => {
    using top = openRoot(root);
    for (const path of ['./d/f', 'd//f', './d/./f', './d/', '.', './', 'd']) closeSync(open(top.fd, bytes(path), 0));
    expect(() => open(top.fd, bytes('./d/nothing/x'), 0)).toThrowError(expect.objectContaining({ code: 'ENOENT' }));
  });

  it.each(throughLinks.filter((path) => !path.includes('..') && path !== './out/new'))(
    'follows no link: %s',
    (path) => {
      using top = openRoot(root);
      expect(() => open(top.fd, bytes(path), 0)).toThrowError(
        expect.objectContaining({ code: expect.stringMatching(/^(ELOOP|ENOTDIR)$/) }),
      );
    },
  );
});

it('a root may be named by way of links', () => {
  using top = openRoot(join(root, 'inside'));
  closeSync(openBeneath(top.fd, bytes('f'), 0));
  for (const path of ['../d/f', '/etc/passwd', 'x/../../d'])
    expect(() => openBeneath(top.fd, bytes(path), 0)).toThrowError(expect.objectContaining({ code: 'RK310' }));
});

it('folders are made where there are none, and not by way of links', () => {
  using top = openRoot(root);
  closeSync(makeFolders(top.fd, bytes('./d/new/\xff\n/x/'), 0o750));
  expect(statSync(Buffer.concat([Buffer.from(join(root, 'd/new/')), Buffer.of(0xff, 0x0a)])).mode & 0o777).toBe(0o750);
  for (const path of ['out/new', 'd/away/new', 'inside/new', 'd/f/new'])
    expect(() => makeFolders(top.fd, bytes(path))).toThrowError();
  expect(existsSync(join(victim, 'new')) || existsSync(join(root, 'd/f/new'))).toBe(false);
});

it('what is in the way is named', () => {
  using top = openRoot(root);
  expect(obstacleIn(top.fd, bytes('./d/away/x'))).toBe(`d/away is a symbolic link to ${victim}/d`);
  expect(obstacleIn(top.fd, bytes('./d/f/x'))).toBe('d/f is a file');
  expect(obstacleIn(top.fd, bytes('./d/nothing/x'))).toBe(null);
  expect(splitPath(bytes('./a//b/')).folder.toString()).toBe('a');
  expect(splitPath(bytes('./')).name.toString()).toBe('.');
});

it('a file is removed, a link itself, a folder not, and nothing by way of a link', () => {
  using top = openRoot(root);
  const before = stateOf(victim);
  for (const path of ['d/away/f', 'out/d/f', 'd', 'nothing']) removeFile(top.fd, bytes(path));
  expect(stateOf(victim)).toBe(before);
  removeFile(top.fd, bytes('d/away'));
  removeFile(top.fd, bytes('./d/f'));
  expect(existsSync(join(root, 'd/f'))).toBe(false);
  expect(readlinkSync(join(root, 'out'))).toBe('../victim');
  expect(stateOf(victim)).toBe(before);
});

describe('what an index says of a path that leads through a link', () => {
  const noAtime = 0x80;

  it.each(throughLinks)('is refused, and changes nothing there: %s', async (path) => {
    const before = stateOf(work);
    const attributes = [{ path: bytes(path), flags: noAtime, project: 0 }];
    await expect(replayAttributes(attributes, root)).rejects.toMatchObject({
      code: expect.stringMatching(/^RK31[01]$/),
    });
    await expect(
      prepareEmpty(
        attributes.filter(() => !path.endsWith('/')).concat({ path: bytes('./out/x'), flags: noAtime, project: 0 }),
        root,
        noAtime,
      ),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^RK(310|374)$/),
    });
    expect(stateOf(work)).toBe(before);
  });

  it('gives flags to no device or FIFO, and does not wait for it', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const record = { path: bytes('./pipe'), flags: noAtime, project: 0 };
    await expect(replayAttributes([record], root)).rejects.toMatchObject({ code: 'RK311' });
  });

  it('gives flags to what is there', async () => {
    expect(await replayAttributes([{ path: bytes('./d/f'), flags: noAtime, project: 0 }], root)).toBe(1);
    expect(getInodeFlags(join(root, 'd/f')) & noAtime).toBe(noAtime);
  });

  it.each(['./out/d/', './d/away/', './inside/', './out/new/'])('makes and changes no folder: %s', async (path) => {
    const member = {
      path: bytes(path),
      type: 'd',
      realSize: 0,
      linkPath: null,
      mode: 0o777,
      uid: 7,
      gid: 7,
      mtime: '1',
      offset: 0,
      length: 512,
      size: 0,
    } as const;
    const { bytes: index } = await indexOf(async (writer) => {
      await writer.addFrame({
        archiveOffset: 0,
        archiveSize: 9,
        tarSize: 1024,
        sha256: '0'.repeat(64),
        tarSha256: '0'.repeat(64),
      });
      await writer.addMember(member);
      return 9;
    });
    const before = stateOf(work);
    const replayed = replayDirectories(streamOf(index), root).catch((error: unknown) => error);
    expect([0, 1, 'RK310']).toContainEqual(codeOf(await replayed));
    expect(stateOf(work)).toBe(before);
  });

  it('makes no names of one file', async () => {
    const before = stateOf(work);
    for (const path of ['./out/d/f', './d/away/f', './inside/f']) {
      const records = ['./d/f', path].map((each) => ({ file: 0, path: bytes(each) }));
      await expect(replayNames(records, root)).rejects.toMatchObject({ code: 'RK310' });
      await expect(replayNames(records.toReversed(), root)).rejects.toMatchObject({ code: 'RK310' });
    }
    expect(stateOf(work)).toBe(before);
  });
});

function codeOf(result: unknown): unknown {
  return result instanceof Error && 'code' in result ? result.code : result;
}

it('attributes of folders are cleared below the root only; the links there are told', async () => {
  for (const at of [join(root, 'd'), join(victim, 'd')]) execFileSync('setfattr', ['-n', 'user.a', '-v', 'x', at]);
  const before = stateOf(victim);
  const links = await clearDirectoryAttributes(root);
  expect(stateOf(victim)).toBe(before);
  expect(execFileSync('getfattr', ['-d', join(root, 'd')], { encoding: 'utf8' })).toBe('');
  expect(['./out', './d/away', './inside', './file', './d', './d/f'].map((path) => links.has(bytes(path)))).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(lstatSync(join(root, 'out')).isSymbolicLink() && readFileSync(join(victim, 'd/f'), 'utf8')).toBe('same');
});
