import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { umount } from '@rekindle/linux-syscalls';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MediumSeal } from '../../../../common/medium-seal.ts';
import { run } from '../../../../common/run.ts';
import { findMedium } from '../../../../init/medium/find.ts';
import { type Medium, mediumMount } from '../../../../init/medium/inspect.ts';
import { rootMounts } from '../../../../init/root/rd-base.ts';
import { flushLog, logFile } from '../../../../init/say.ts';
import { withLoop } from '../../restore/layout/images.ts';

const uuid = '0198b8a0-6f6e-4c7e-8d3e-3f1f7a0d5c11';
const own = randomBytes(300_000);
const digestOf = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');
const seal: MediumSeal = { rdBase: { size: own.length, sha256: digestOf(own) }, journalKey: 'ab'.repeat(32) };
const loader = {
  load: () => ({ outcome: 'loaded' as const }),
  coldplugAll: () => undefined,
  failures: () => [],
};

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'find-'));
  rmSync(logFile, { force: true });
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

interface Contents {
  /** What lies as rd-base, and how it comes there. */
  rdBase?: Buffer | ((path: string) => Promise<unknown>);
  /** What set.json says of rd-base. */
  claims?: { path?: string; size?: number; sha256?: string };
  set?: Record<string, unknown>;
  folder?: string;
}

/** An ext4 image with a set that claims the wanted UUID. */
async function image(name: string, contents: Contents | readonly Contents[]): Promise<string> {
  const tree = join(work, name);
  for (const { rdBase = own, claims = {}, set = {}, folder = uuid } of [contents].flat()) {
    const directory = join(tree, 'rekindle', folder);
    mkdirSync(directory, { recursive: true });
    const file = join(directory, 'rd-base.squashfs');
    if (typeof rdBase === 'function') await rdBase(file);
    else writeFileSync(file, rdBase);
    const bytes = typeof rdBase === 'function' ? own : rdBase;
    const text = JSON.stringify({
      ...{ set: folder, volume: 1, volumes: 1, machine: { hostname: 'web01' } },
      rdBase: { path: 'rd-base.squashfs', size: bytes.length, sha256: digestOf(bytes), ...claims },
      ...set,
    });
    writeFileSync(join(directory, 'set.json'), text);
    writeFileSync(join(directory, 'set.json.sha256'), `${digestOf(text)}  set.json\n`);
  }
  await run(['mke2fs', '-q', '-t', 'ext4', '-d', tree, `${tree}.img`, '8M']);
  return `${tree}.img`;
}

/** Looks on these devices, in this order; what was found is unmounted again. */
async function search(
  images: readonly string[],
  { set = uuid as string | null, toram = false } = {},
): Promise<{ medium: Medium | null; failure: unknown; rdBase: Buffer | null; log: string; mounts: string }> {
  const found = async (devices: readonly string[]) => {
    const list = () => devices.map((path) => ({ name: basename(path), key: path, title: `${path} (a disk)` }));
    const result = await findMedium({ set, seal, toram }, loader, { seconds: 0, devices: list }).then(
      (medium) => ({ medium, failure: null }),
      (failure: unknown) => ({ medium: null, failure }),
    );
    const rdBase = result.medium ? readFileSync(result.medium.rdBase) : null;
    if (result.medium) umount(mediumMount);
    if (result.medium?.rdBase.startsWith(rootMounts.copy)) umount(rootMounts.copy);
    flushLog();
    const mounts = readFileSync('/proc/self/mounts', 'utf8');
    return { ...result, rdBase, log: readFileSync(logFile, 'utf8'), mounts };
  };
  const withAll = async (rest: readonly string[], devices: readonly string[]): ReturnType<typeof found> => {
    const [next, ...others] = rest;
    return next === undefined ? found(devices) : withLoop(next, (device) => withAll(others, [...devices, device]));
  };
  return withAll(images, []);
}

const flipped = Buffer.from(own);
flipped[200_000] = (flipped[200_000] ?? 0) ^ 1;
const hostile: [string, Contents, string, RegExp][] = [
  ['another rd-base, described well', { rdBase: Buffer.alloc(20_000, 7) }, 'RK111', /rd-base of 20000 bytes.*300000/],
  ['another rd-base of the same size', { rdBase: Buffer.alloc(own.length, 7) }, 'RK111', /SHA-256 \w{64}.*made with/],
  ['an rd-base that is not what its set.json says', { rdBase: flipped, claims: seal.rdBase }, 'RK105', /SHA-256 is/],
  ['a longer rd-base', { rdBase: Buffer.concat([own, own]), claims: seal.rdBase }, 'RK105', /has 600000 bytes/],
  ['a FIFO as rd-base', { rdBase: (path) => run(['mkfifo', path]) }, 'RK105', /no regular file/],
  ['a device as rd-base', { rdBase: (path) => run(['mknod', path, 'b', '1', '0']) }, 'RK105', /rd-base/],
  ['a link as rd-base', { rdBase: (path) => run(['ln', '-s', '/etc/passwd', path]) }, 'RK105', /rd-base/],
  ['an rd-base elsewhere', { claims: { path: '../../../../dev/zero' } }, 'RK109', /plain name/],
  ['no rd-base', { rdBase: async () => undefined }, 'RK105', /ENOENT/],
  ['a set.json of another set', { set: { set: uuid.replace('0198', '0199') } }, 'RK109', /names set 0199/],
  ['a set.json without a machine', { set: { machine: null } }, 'RK109', /machine/],
];

describe('[A7] a device that claims the wanted set', () => {
  let right = '';
  let place = '';
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'find-right-'));
    work = place;
    right = await image('right', {});
    return () => rmSync(place, { recursive: true, force: true });
  });

  it('is the medium when its rd-base is the one that came with the initrd', async () => {
    const { medium, rdBase, log } = await search([right]);
    expect(medium).toMatchObject({
      type: 'ext4',
      uuid,
      rdBase: join(mediumMount, `rekindle/${uuid}/rd-base.squashfs`),
    });
    expect(rdBase?.equals(own)).toBe(true);
    expect(log).not.toContain('passed over');
  });

  it.each(hostile)(
    'but has %s is named and passed over, before and after the right one',
    async (_what, has, code, why) => {
      const wrong = await image('wrong', has);
      const first = await search([wrong, right]);
      expect(first.rdBase?.equals(own)).toBe(true);
      expect(first.log).toMatch(
        new RegExp(`Not the medium, passed over: /dev/loop\\d+ \\(a disk\\): ext4, .*\\[${code}\\]`),
      );
      expect(first.log).toMatch(why);
      expect((await search([right, wrong])).rdBase?.equals(own)).toBe(true);
      const alone = await search([wrong]);
      expect(alone).toMatchObject({ medium: null, failure: { code, reason: expect.stringMatching(why) } });
      expect(alone.mounts).not.toContain('/run/rekindle/medium');
    },
  );

  it('is copied to memory while it is checked, and nothing stays of a wrong one', async () => {
    const wrong = await image('wrong', { rdBase: flipped, claims: seal.rdBase });
    const { medium, rdBase } = await search([wrong, right], { toram: true });
    expect(medium?.rdBase).toBe(join(rootMounts.copy, 'rd-base.squashfs'));
    expect(rdBase?.equals(own)).toBe(true);
    expect((await search([wrong], { toram: true })).mounts).not.toContain(rootMounts.copy);
  });

  it('is copied to memory too where other discs will be needed', async () => {
    const volumes = await image('volumes', { set: { volumes: 3 } });
    expect((await search([volumes])).medium?.rdBase).toContain(rootMounts.copy);
    const second = await image('second', { set: { volume: 2, volumes: 3, rdBase: undefined } });
    expect(await search([second])).toMatchObject({
      failure: { code: 'RK104', reason: expect.stringMatching(/volume 2 of 3/) },
    });
  });

  it('may lie beside a wrong one on the same device, where any set will do', async () => {
    const other = '00000000-6f6e-4c7e-8d3e-3f1f7a0d5c11';
    const both = await image('both', [{ folder: other, rdBase: Buffer.alloc(20_000, 7) }, {}]);
    expect((await search([both], { set: null })).medium?.uuid).toBe(uuid);
    expect(await search([both], { set: other })).toMatchObject({ failure: { code: 'RK111' } });
    expect(await search([both], { set: uuid.replace('0198', '0199') })).toMatchObject({ failure: { code: 'RK104' } });
  });

  it('is read once and no more while nothing changes there', async () => {
    const wrong = await image('wrong', { rdBase: flipped, claims: seal.rdBase });
    await withLoop(wrong, async (device) => {
      const devices = () => [{ name: basename(device), key: device, title: device }];
      await expect(findMedium({ set: uuid, seal, toram: false }, loader, { seconds: 1.2, devices })).rejects.toThrow();
    });
    flushLog();
    expect(readFileSync(logFile, 'utf8').match(/the rescue system is checked/g)).toHaveLength(1);
  });
});
