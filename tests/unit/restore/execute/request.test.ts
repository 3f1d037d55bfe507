import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RekindleError } from '../../../../common/errors/error.ts';
import { initialState } from '../../../../restore/execute/initial-state.ts';
import { newestLines, openLog } from '../../../../restore/execute/log.ts';
import { EngineServer } from '../../../../restore/execute/server.ts';

const secret = 'Xq7#vLpW9z!Kd2mR5tYb';
const digits = '73519284605317';
let work = '';
let server: EngineServer;
const socket = (): string => join(work, 'engine.sock');
let commands = 0;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'request-'));
  openLog(join(work, 'log'), () => undefined);
  server = new EngineServer({
    path: socket(),
    state: initialState,
    onCommand: async (command) => {
      commands += 1;
      if ('confirm' in command) throw new RekindleError('RK455', `typed "${command.confirm}", the disk is vda`);
      if (command.command === 'plan') throw new RekindleError('RK404', `${command.targets[0]?.disk} is not here`);
      if ('secret' in command) throw new TypeError(`${command.secret} is not iterable\n    at ${command.secret}`);
      return {};
    },
  });
  await server.listen();
});
afterAll(() => {
  server.close();
  rmSync(work, { recursive: true, force: true });
});

/** What comes back besides states: one reply, or nothing when the line is dropped or never ends. */
async function ask(bytes: string | Buffer, wait = 400): Promise<string> {
  const client = createConnection(socket());
  let replies = '';
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, wait);
  client.setEncoding('utf8').on('data', (text: string) => {
    replies += text
      .split('\n')
      .filter((line) => !line.startsWith('{"type":"state"'))
      .join('\n');
    if (replies.includes('\n')) resolve();
  });
  client.on('error', () => resolve()).on('close', () => resolve());
  client.write(bytes);
  await promise;
  clearTimeout(timer);
  client.destroy();
  return replies;
}

/** Each run of four characters of it. */
function piecesOf(text: string): string[] {
  return Array.from({ length: text.length - 3 }, (_, at) => text.slice(at, at + 4));
}

function piecesIn(text: string): string[] {
  return [...piecesOf(secret), ...piecesOf(digits)].filter((piece) => text.includes(piece));
}

const unreadable: [string, string | Buffer][] = [
  ['cut short', `{"id":1,"command":"unlock","kind":"passphrase","secret":"${secret}"\n`],
  ['cut in the secret', `{"id":1,"command":"unlock","kind":"passphrase","secret":"${secret.slice(0, 9)}\n`],
  ['of an unknown kind', `{"id":1,"command":"unlock","kind":"nonsense","secret":"${secret}"}\n`],
  ['whose kind is the secret', `{"id":1,"command":"unlock","kind":"${secret}","secret":"x"}\n`],
  ['whose command is the secret', `{"id":1,"command":"${secret}"}\n`],
  ['with a name of another type', `{"id":1,"command":"secret","name":5,"secret":"${secret}"}\n`],
  ['with the secret as a field', `{"id":1,"command":"secret","${secret}":"x"}\n`],
  ['with a comma too many', `{"id":1,"secret":"${secret}",}\n`],
  ['of bare words', `secret ${secret}\n`],
  ['without quotes', `{"secret":${secret}}\n`],
  ['with the secret as a number', `{"id":1,"command":"unlock","kind":"passphrase","secret":${digits}}\n`],
  ['with the secret as its id', `{"id":"${secret}","command":"disks"}\n`],
  ['with a secret number as its id', `{"id":${digits}.5,"command":"disks"}\n`],
  ['that is a list', `[${JSON.stringify(secret)}]\n`],
  ['that is no UTF-8', Buffer.concat([Buffer.from(`{"id":1,"secret":"${secret}`), Buffer.from([0xff, 0xfe, 0x0a])])],
  ['with control characters', `{"id":1,"command":"unlock\x1b[2J","secret":"${secret}\x07"}\n`],
  ['that is nested deep', `{"id":1,"secret":"${secret}","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`],
];

describe('[B11] a request that cannot be read', () => {
  it.each(unreadable)('%s: log, screen and answer have its code, and no piece of it', async (_, bytes) => {
    const before = commands;
    const reply = await ask(bytes, 3000);
    expect(reply).toContain('"code":"RK496"');
    expect(commands).toBe(before);
    const log = readFileSync(join(work, 'log'), 'utf8');
    expect(log).toContain('[RK496]');
    expect(piecesIn(log + newestLines().join('\n'))).toEqual([]);
    expect(piecesIn(reply)).toEqual([]);
  });

  it('is answered with its own id, where that can be read', async () => {
    expect(JSON.parse(await ask('{"id":41,"command":"nonsense"}\n', 3000))).toMatchObject({ id: 41 });
  });

  it('that never ends is dropped, and leaves nothing in the log', async () => {
    const endless = Buffer.alloc(20 << 20, `"${secret}" `);
    expect(await ask(endless, 5000)).toBe('');
    expect(piecesIn(readFileSync(join(work, 'log'), 'utf8'))).toEqual([]);
    expect(await ask('{"id":1,"command":"disks"}\n', 3000)).toContain('"error":null');
  });
});

describe('[B11] a command that is refused', () => {
  const refused: [string, object, string][] = [
    ['start', { digest: 'x', confirm: secret }, 'RK455'],
    ['skip-step', { step: 'prove', confirm: secret }, 'RK455'],
    ['plan', { targets: [{ source: 'disk0', disk: secret }] }, 'RK404'],
    ['unlock', { kind: 'passphrase', secret }, 'RK001'],
    ['secret', { name: 'luks:disk0:1', secret }, 'RK001'],
  ];
  it.each(refused)('%s: the log names the command and the code, not what was typed', async (command, fields, code) => {
    const reply = await ask(`${JSON.stringify({ id: 7, command, ...fields })}\n`, 3000);
    expect(JSON.parse(reply)).toMatchObject({ id: 7, error: { code } });
    const log = readFileSync(join(work, 'log'), 'utf8');
    expect(log).toMatch(new RegExp(`refused: ${command}\\..*\\[${code}\\]`));
    expect(piecesIn(log + newestLines().join('\n'))).toEqual([]);
    // Whoever typed a name is told what was typed; a passphrase is shown to nobody.
    if ('secret' in fields) expect(piecesIn(reply)).toEqual([]);
  });
});
