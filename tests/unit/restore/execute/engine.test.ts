import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecoverySet } from '../../../../restore/archive/open-set.ts';
import { Engine } from '../../../../restore/execute/engine.ts';
import { type Message, messageSchema } from '../../../../restore/execute/protocol.ts';
import { EngineServer } from '../../../../restore/execute/server.ts';
import type { Plan, Step } from '../../../../restore/plan/step.ts';
import { makeSmallSet, sampleSet as uuid } from '../../../fixtures/small-set.ts';

let work = '';
let setDirectory = '';
let engine: Engine;
let server: EngineServer;

async function makeSet(): Promise<void> {
  const source = join(work, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'content');
  const set = await makeSmallSet({ work, trees: [{ source, mountPoint: '/', node: 'disk0:1' }] });
  setDirectory = set.directory(1);
}

/** A plan whose steps touch nothing but files in our own directory. */
function planOf(steps: { id: string; argv: [string, ...string[]] }[]): Plan {
  const disk = {
    path: '/dev/none',
    name: 'none',
    model: '',
    serial: null,
    wwn: null,
    sizeBytes: 1,
    logicalSectorBytes: 512,
    transport: null,
    removable: false,
    contents: [],
    refusal: null,
  };
  const made: Step[] = steps.map(({ id, argv }) => ({
    id,
    title: id,
    target: 'none',
    destroys: null,
    weightBytes: 0,
    actions: [{ type: 'run', argv }],
  }));
  return { set: uuid, digest: 'digest-1', targets: [{ source: 'disk0', disk }], steps: made, warnings: [] };
}

class Client {
  readonly socket: Socket;
  readonly messages: Message[] = [];
  constructor() {
    this.socket = createConnection(join(work, 'engine.sock'));
    let rest = '';
    this.socket.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + String(text)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.messages.push(messageSchema.parse(JSON.parse(line)));
    });
    this.socket.on('error', () => undefined);
  }
  async state(wanted: string): Promise<Extract<Message, { type: 'state' }>['state']> {
    for (let waited = 0; waited < 10_000; waited += 50) {
      const last = this.messages.findLast((message) => message.type === 'state');
      if (last?.type === 'state' && last.state.phase === wanted) return last.state;
      await sleep(50);
    }
    throw new Error(`never ${wanted}: ${JSON.stringify(this.messages.at(-1))}`);
  }
}

beforeEach(async () => {
  work = mkdtempSync(join(tmpdir(), 'engine-'));
  await makeSet();
  engine = new Engine({
    medium: join(work, 'medium'),
    journalFile: join(work, 'journal'),
    logFile: join(work, 'log'),
    onChange: () => server.publish(),
  });
  server = new EngineServer({
    path: join(work, 'engine.sock'),
    state: () => engine.state,
    onCommand: async (command) => {
      if (command.command === 'start') engine.start(command.digest, command.confirm);
      return {};
    },
  });
  await server.listen();
});

afterEach(() => {
  server.close();
  rmSync(work, { recursive: true, force: true });
});

async function opened(): Promise<RecoverySet> {
  await engine.open(async () => setDirectory);
  if (!engine.set) throw new Error(JSON.stringify(engine.state.problem));
  return engine.set;
}

describe('the engine', () => {
  it('listens on a socket that only root can open', () => {
    expect(statSync(join(work, 'engine.sock')).mode & 0o777).toBe(0o600);
  });

  it('[C10] [E1] goes on when its menu is killed; a new menu sees the running restore and its end', async () => {
    await opened();
    engine.state.plan = planOf([
      { id: 'slow', argv: ['sleep', '1.5'] },
      { id: 'last', argv: ['touch', join(work, 'done')] },
    ]);
    const first = new Client();
    await first.state('idle');
    first.socket.write(`${JSON.stringify({ id: 1, command: 'start', digest: 'digest-1', confirm: 'none' })}\n`);
    await first.state('restoring');
    first.socket.destroy();
    const second = new Client();
    expect((await second.state('restoring')).progress?.steps.map(({ id }) => id)).toEqual(['slow', 'last']);
    const state = await second.state('restored');
    expect(state.progress?.steps.every(({ status }) => status === 'done')).toBe(true);
    expect(statSync(join(work, 'done')).isFile()).toBe(true);
    second.socket.destroy();
  });

  it('[C15] stops at the first failing step and never says restored', async () => {
    await opened();
    engine.state.plan = planOf([
      { id: 'bad', argv: ['sh', '-c', 'echo no such disk >&2; exit 3'] },
      { id: 'never', argv: ['touch', join(work, 'never')] },
    ]);
    engine.start('digest-1', 'none');
    const client = new Client();
    const state = await client.state('failed');
    expect(state.failure).toMatchObject({ code: 'RK003', cause: expect.stringContaining('no such disk') });
    expect(state.progress?.steps.map(({ status }) => status)).toEqual(['failed', 'waiting']);
    expect(() => statSync(join(work, 'never'))).toThrow();
    expect(readFileSync(join(work, 'journal'), 'utf8')).toContain('"failed"');
    client.socket.destroy();
  });

  it('[C8] [F2] a flipped bit in the medium stops it before the first step', async () => {
    await opened();
    const file = join(setDirectory, 'rd-base.squashfs');
    const bytes = readFileSync(file);
    bytes[10_000] = (bytes[10_000] ?? 0) ^ 4;
    writeFileSync(file, bytes);
    engine.state.plan = planOf([{ id: 'first', argv: ['touch', join(work, 'touched')] }]);
    engine.start('digest-1', 'none');
    const client = new Client();
    expect((await client.state('failed')).failure).toMatchObject({
      code: 'RK301',
      cause: expect.stringContaining('rd-base.squashfs'),
    });
    expect(() => statSync(join(work, 'touched'))).toThrow();
    expect(engine.state.written).toMatch(/^Nothing was written/);
    expect(engine.state.log.at(-1)).toMatch(/Disks: Nothing was written/);
    client.socket.destroy();
  });

  it('[C15] says with each failure what was written by then, also when it goes on with a damaged medium', async () => {
    await opened();
    const stop = join(work, 'stop');
    engine.state.plan = planOf([
      { id: 'wipe:disk0', argv: ['true'] },
      { id: 'table:disk0', argv: ['true'] },
      { id: 'boot:grub', argv: ['test', '-e', stop] },
    ]);
    expect(engine.state.written).toBe('Nothing was written to a disk since this machine was started.');
    engine.start('digest-1', 'none');
    const client = new Client();
    const first = await client.state('failed');
    expect(first.written).toBe('none was wiped and partitioned. Last: boot:grub, not to its end.');
    writeFileSync(join(setDirectory, 'rd-base.squashfs'), 'damaged');
    engine.continueRestore();
    while (engine.state.phase === 'restoring') await sleep(20);
    const { failure, written } = engine.state;
    expect(failure?.code).toBe('RK301');
    expect(written).toBe(first.written);
    expect(JSON.stringify(failure)).not.toMatch(/nothing was/i);
    expect(engine.state.log.filter((line) => line.endsWith(`Disks: ${written}`))).toHaveLength(2);
    client.socket.destroy();
  });

  it('refuses a wrong name, a plan that was not shown, and a second start', async () => {
    await opened();
    engine.state.plan = planOf([{ id: 'slow', argv: ['sleep', '0.5'] }]);
    expect(() => engine.start('digest-1', '')).toThrow(expect.objectContaining({ code: 'RK455' }));
    expect(() => engine.start('digest-1', 'vda')).toThrow(expect.objectContaining({ code: 'RK455' }));
    expect(() => engine.start('other', 'none')).toThrow(expect.objectContaining({ code: 'RK456' }));
    engine.start('digest-1', 'none');
    expect(() => engine.start('digest-1', 'none')).toThrow(expect.objectContaining({ code: 'RK457' }));
    await sleep(900);
  });

  it('answers nonsense with an error and lives on', async () => {
    await opened();
    const client = new Client();
    client.socket.write('not json\n{"id":7,"command":"format everything"}\n');
    await sleep(200);
    const replies = client.messages.filter((message) => message.type === 'reply');
    expect(replies).toHaveLength(2);
    expect(replies.every(({ error }) => error !== null)).toBe(true);
    client.socket.destroy();
  });

  it.each([
    ['set.json', 'RK302'],
    ['manifest.json', 'RK303'],
    ['layout/layout.json', 'RK303'],
  ])('[F2] a broken %s is a problem with the code %s, and the menu still comes up', async (name, code) => {
    const file = join(setDirectory, name);
    const bytes = readFileSync(file);
    bytes[5] = (bytes[5] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    await engine.open(async () => setDirectory);
    expect(engine.state).toMatchObject({ phase: 'idle', problem: { code } });
  });
});
