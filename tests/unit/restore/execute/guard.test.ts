import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../../common/run.ts';
import { openSecretKey, type SecretKey } from '../../../../restore/archive/signature/secret-key.ts';
import { signBytes } from '../../../../restore/archive/signature/sign.ts';
import { keyFiles, readTrustedKeys } from '../../../../restore/archive/signature/trusted-keys.ts';
import { directoryStore } from '../../../../restore/archive/store/directory.ts';
import { Engine } from '../../../../restore/execute/engine.ts';
import type { EngineOptions } from '../../../../restore/execute/engine-options.ts';
import { finderFor } from '../../../../restore/execute/finder-for.ts';
import { Guard } from '../../../../restore/execute/guard.ts';
import { initialState } from '../../../../restore/execute/initial-state.ts';
import { OpenedSet } from '../../../../restore/execute/opened-set.ts';
import { Unattended } from '../../../../restore/execute/unattended.ts';
import { mounted, setId } from '../../../fixtures/chain-of-sets.ts';
import { makeSmallSet } from '../../../fixtures/small-set.ts';

let work = '';
let ours: SecretKey;
let others: SecretKey;

/** As minisign makes it. */
async function keyPair(name: string): Promise<SecretKey> {
  await run(['minisign', '-G', '-W', '-p', join(work, `${name}.pub`), '-s', join(work, `${name}.key`)]);
  return openSecretKey(readFileSync(join(work, `${name}.key`), 'utf8'), name, async () => '');
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'guard-'));
  [ours, others] = [await keyPair('ours'), await keyPair('others')];
  mkdirSync(join(work, 'keys'));
  for (const text of keyFiles([ours.publicKey]).values()) writeFileSync(join(work, 'keys/1.pub'), text);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface TwoSets {
  folder: string;
  /** Of the changes: what the machine is booted from. */
  directory: string;
  /** Of the full set, on another device. */
  base: string;
}

/** A set with changes on the medium, and the full set on a stick, each signed as told. */
async function twoSets(baseKey: SecretKey | null, ownKey: SecretKey | null = ours): Promise<TwoSets> {
  const folder = mkdtempSync(join(tmpdir(), 'guard-sets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const source = join(folder, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), `content of ${folder}`);
  const directories: string[] = [];
  for (const level of [0, 1]) {
    const key = level === 1 ? ownKey : baseKey;
    const base = { set: setId(0), createdAt: '2026-11-20T02:00:00.000Z', level: 0 };
    const set = await makeSmallSet({
      work: join(folder, `set-${level}`),
      set: setId(level),
      createdAt: `2026-11-2${level}T02:00:00.000Z`,
      trees: [
        {
          source,
          mountPoint: '/',
          node: 'disk0:1',
          fileSystem: 'f',
          snapshot: { base: level === 0 ? null : join(folder, '0.snar'), output: join(folder, `${level}.snar`) },
        },
      ],
      lineage: { level, machineId: 'm', ...(level === 1 ? { base } : {}) },
      ...(key ? { sign: (manifest: Buffer) => signBytes(manifest, key, { trustedComment: 'rekindle set' }) } : {}),
    });
    directories.push(set.directory(1));
  }
  const stick = join(folder, 'stick/rekindle');
  mkdirSync(stick, { recursive: true });
  const base = join(stick, setId(0));
  renameSync(directories[0] ?? '', base);
  return { folder, directory: directories[1] ?? '', base };
}

function options(folder: string): EngineOptions {
  const [medium = '', journalFile = '', logFile = ''] = ['no-device', 'journal', 'log'].map((name) =>
    join(folder, name),
  );
  return { medium, journalFile, logFile, onChange: () => undefined };
}

async function opened(
  { folder, directory }: TwoSets,
  keys: string[] = [join(work, 'keys')],
  beforeReady = async (_engine: Engine): Promise<void> => undefined,
): Promise<Engine> {
  const engine = new Engine({ ...options(folder), trustedKeys: keys });
  await mounted(join(folder, 'stick'), join(folder, 'put-in'), ['--bind']);
  await engine.open(
    async () => directory,
    () => beforeReady(engine),
  );
  return engine;
}

const expected = (code: string) => expect.objectContaining({ code });

function openedSet(directory: string): Promise<OpenedSet> {
  return OpenedSet.open(
    directoryStore(directory),
    finderFor(options(work), initialState(), () => undefined),
  );
}

describe('a medium that carries a key', () => {
  it('[B11] shows whose signature its own set has, with the fingerprint to compare', async () => {
    const engine = await opened(await twoSets(ours));
    expect(engine.state.problem).toBeNull();
    const line = readFileSync(join(work, 'ours.pub'), 'utf8').trim().split('\n')[1];
    const { keyId } = ours.publicKey;
    expect(engine.state.set?.signature).toMatchObject({ kind: 'signed', keyId, key: line });
    expect(engine.state.set?.signature.fingerprint).toMatch(/^([0-9A-F]{4} ){7}[0-9A-F]{4}$/);
    expect(engine.state.chain.every(({ here }) => here)).toBe(true);
  });

  it.each([
    ['unsigned', null, 'RK360'],
    ['signed by another key', 'others', 'RK361'],
  ] as const)(
    '[B11] [F2] refuses a set from elsewhere that is %s, until the words are typed',
    async (_what, by, code) => {
      const sets = await twoSets(by === null ? null : others);
      const engine = await opened(sets);
      expect(engine.state.problem?.code).toBe(code);
      expect(engine.state.problem?.cause).toContain('the full set of web01 made 2026-11-20');
      expect(engine.state.untrusted).toMatchObject({ set: setId(0) });
      expect(engine.state.untrusted?.keys.join()).toContain(ours.publicKey.keyId);
      await expect(engine.findSets()).rejects.toMatchObject({ code });
      expect(engine.state.chain[0]).toMatchObject({ set: setId(0), here: false });
      for (const [set, typed] of [
        [setId(0), 'yes'],
        [setId(0), ''],
        [setId(1), 'use unsigned set'],
      ] as const)
        await expect(engine.letUnsignedIn(set, typed)).rejects.toMatchObject({ code: 'RK363' });
      await engine.letUnsignedIn(setId(0), 'use unsigned set');
      expect(engine.state).toMatchObject({ problem: null, untrusted: null });
      expect(engine.state.chain.every(({ here }) => here)).toBe(true);
      expect(await engine.verify()).toEqual([]);
    },
  );

  it('[B11] [F2] refuses one that was changed after it was signed, digests and all', async () => {
    const sets = await twoSets(ours);
    const manifest = join(sets.base, 'manifest.json');
    const changed = readFileSync(manifest, 'utf8').replace('"frames"', '"frames" ');
    writeFileSync(manifest, changed);
    const { createHash } = await import('node:crypto');
    const sha256 = createHash('sha256').update(changed).digest('hex');
    writeFileSync(`${manifest}.sha256`, `${sha256}  manifest.json\n`);
    const info = JSON.parse(readFileSync(join(sets.base, 'set.json'), 'utf8'));
    const text = JSON.stringify({ ...info, manifest: { ...info.manifest, sha256, size: changed.length } });
    writeFileSync(join(sets.base, 'set.json'), text);
    const digest = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(sets.base, 'set.json.sha256'), `${digest}  set.json\n`);
    expect((await opened(sets)).state.problem?.code).toBe('RK362');
  });

  it.each([
    ['unsigned', null, 'RK360'],
    ['signed by another key', 'others', 'RK361'],
  ] as const)('[B11] [F2] refuses its own set that is %s, until the words are typed', async (_what, by, code) => {
    const sets = await twoSets(ours, by === null ? null : others);
    const phases: string[] = [];
    const engine = await opened(sets, [join(work, 'keys')], async ({ state, set }) => {
      phases.push(`${state.phase} ${set === null ? 'without' : 'with'} a set`);
    });
    expect(engine.state).toMatchObject({ set: null, problem: { code }, untrusted: { set: setId(1) }, phase: 'idle' });
    expect(() => engine.start('', '')).toThrow(expected(code));
    const power = (): void => expect.unreachable('nothing was restored');
    const unattended = { engine, answerPath: undefined, medium: sets.folder, power, lookForMarker: async () => null };
    await new Unattended(unattended).run();
    expect(engine.state).toMatchObject({ problem: { code }, countdown: null, plan: null, phase: 'idle' });
    await expect(engine.plan([])).rejects.toMatchObject({ code });
    await expect(engine.letUnsignedIn(setId(1), 'yes')).rejects.toMatchObject({ code: 'RK363' });
    expect(engine.set).toBeNull();
    await engine.letUnsignedIn(setId(1), 'use unsigned set');
    expect(engine.state).toMatchObject({ problem: null, untrusted: null, phase: 'idle', set: { uuid: setId(1) } });
    expect(engine.state.chain.every(({ here }) => here)).toBe(true);
    // What a power cut ended is looked for when there is a set that it could be of.
    expect(phases).toEqual(['starting without a set', 'starting with a set']);
  });

  it('[B11] [F2] takes what was agreed to for this content, not for all that has its UUID', async () => {
    const sets = await twoSets(ours, null);
    const engine = await opened(sets);
    await engine.letUnsignedIn(setId(1), 'use unsigned set');
    const guard = new Guard();
    guard.watch([ours.publicKey]);
    const first = await openedSet(sets.directory);
    expect(() => guard.assertTrusted(first)).toThrow(expected('RK360'));
    guard.accept(setId(1), 'use unsigned set');
    guard.assertTrusted(first);
    const other = await openedSet((await twoSets(ours, null)).directory);
    expect(other.set.info.set).toBe(first.set.info.set);
    expect(() => guard.assertTrusted(other)).toThrow(expected('RK360'));
  });

  it('[B11] refuses an unsigned set that lies beside its own; all are let in where it carries no key', async () => {
    const beside = await twoSets(null);
    cpSync(beside.base, join(beside.directory, '..', setId(0)), { recursive: true });
    expect((await opened(beside)).state.problem?.code).toBe('RK360');
    expect((await opened(await twoSets(null, null), [join(work, 'nowhere')])).state.problem).toBeNull();
  });

  it('with a key file that is none lets nothing in (RK333)', async () => {
    const broken = join(work, 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, '1.pub'), 'no key');
    expect((await opened(await twoSets(ours), [broken])).state).toMatchObject({
      set: null,
      problem: { code: 'RK333' },
    });
  });

  it('takes the keys of the first folder that exists: those of the initrd before those of rd-base', async () => {
    mkdirSync(join(work, 'second'));
    for (const text of keyFiles([others.publicKey]).values()) writeFileSync(join(work, 'second/1.pub'), text);
    const [nowhere, first, second] = ['nowhere', 'keys', 'second'].map((name) => join(work, name));
    const ids = async (folders: string[]): Promise<string[]> =>
      (await readTrustedKeys(folders)).map(({ keyId }) => keyId);
    expect(await ids([nowhere ?? '', first ?? '', second ?? ''])).toEqual([ours.publicKey.keyId]);
    expect(await ids([nowhere ?? '', second ?? ''])).toEqual([others.publicKey.keyId]);
  });
});
