import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { commandStarted, onCommandRun } from '../../../common/commands-run.ts';
import { printProgress, printStatus, silenceProgress } from '../../../common/print.ts';
import { renderCommand, renderEnd } from '../../../common/render-command.ts';
import { run } from '../../../common/run.ts';

const root = join(import.meta.dirname, '../../..');

function rekindle(...words: string[]) {
  const argv = ['--disable-warning=ExperimentalWarning', join(root, 'rekindle.ts'), ...words];
  return spawnSync(process.execPath, argv, { encoding: 'utf8' });
}

describe('how much a command says', () => {
  it('--verbose: each program as a line to paste, and how it ended, beside the result', () => {
    const plain = rekindle('check', '--json');
    const verbose = rekindle('check', '--json', '--verbose');
    expect(plain.stderr).toBe('');
    expect(Object.keys(JSON.parse(verbose.stdout))).toEqual(Object.keys(JSON.parse(plain.stdout)));
    const lines = verbose.stderr.trim().split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^\+ lsblk --json .* # \d+\.\d{3} s, exit 0$/));
    expect(lines.filter((line) => !line.startsWith('+ '))).toEqual([]);
  });

  it('--debug: where an error came from; without it only the error', () => {
    expect(rekindle('list', '/nonexistent').stderr).not.toContain('  | ');
    const { stderr, status } = rekindle('list', '--debug', '/nonexistent');
    expect(stderr).toMatch(/^ {2}\| {5}at .*findStore/m);
    expect(stderr).toContain('[RK498]');
    expect(status).toBe(rekindle('list', '/nonexistent').status);
  });

  it('refuses --quiet beside them before it does anything', () => {
    expect(rekindle('check', '--quiet', '--debug')).toMatchObject({ status: 2, stdout: '' });
  });

  it("is in each command's help", () => {
    expect(rekindle('create', '--help').stdout).toMatch(/--quiet.*\n.*--verbose/);
  });
});

describe('progress', () => {
  afterEach(() => silenceProgress(false));

  it('is not shown when nobody wants it', () => {
    const said: string[] = [];
    const output = { isTTY: true, write: (text: string) => said.push(text) };
    silenceProgress();
    printProgress(['save / ...'], output);
    printStatus('50%', output);
    expect(said).toEqual([]);
    silenceProgress(false);
    printProgress(['save / ...'], output);
    expect(said).toEqual(['save / ...\n']);
  });
});

describe('a command that was run', () => {
  it('says by which signal it died', async () => {
    const seen: string[] = [];
    const stop = onCommandRun((command) => seen.push(`${renderCommand(command)} # ${renderEnd(command)}`));
    await expect(run(['sh', '-c', 'kill -KILL $$'])).rejects.toMatchObject({ code: 'RK003' });
    stop();
    expect(seen).toEqual([expect.stringMatching(/^sh -c 'kill -KILL \$\$' # .* s, SIGKILL$/)]);
  });

  it('keeps the words of a hook to itself', () => {
    const seen: string[] = [];
    const stop = onCommandRun((command) => seen.push(renderCommand(command)));
    commandStarted(['/etc/hook', '--password', 'secret'], true)('exit 0');
    stop();
    expect(seen).toEqual(['# hook /etc/hook ...']);
  });
});
