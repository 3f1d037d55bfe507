import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { catalogue } from '../../common/errors/catalogue.ts';
import type { Command, EngineState } from '../../restore/execute/protocol.ts';
import type { Answer } from '../../restore/execute/server.ts';
import { rowsOf } from '../../tui/components/line.tsx';
import { asciiGlyphs, consoleGlyphs, printable } from '../../tui/glyphs.ts';
import { shortenPath, wrapParts, wrapText } from '../../tui/wording.ts';
import * as hard from './long-states.ts';
import { MenuOnScreen } from './terminal.ts';

let menu: MenuOnScreen;

const [pageUp, pageDown] = ['\x1b[5~', '\x1b[6~'];

async function answer(command: Command): Promise<Answer> {
  if (command.command === 'disks') return { disks: hard.longDisks };
  if (command.command === 'devices') return { devices: hard.longDevices };
  if (command.command === 'plan') menu.show({ plan: hard.longPlan });
  return command.command === 'plan' ? { plan: hard.longPlan } : {};
}

const wanted: EngineState['wanted'] = {
  what: `the full set of ${hard.long.hostname} made 2026-11-20, volume 1 of 12`,
  set: '11111111-2222-4333-8444-555555555555',
  volume: 1,
  restoring: true,
  seen: Array.from({ length: 7 }, (_, at) => `sr${at} holds volume ${at} of another set of ${hard.long.hostname}`),
};
const untrusted: EngineState['untrusted'] = {
  set: '11111111-2222-4333-8444-555555555555',
  name: `the full set of ${hard.long.hostname} made 2026-11-20`,
  keys: Array.from({ length: 9 }, (_, at) => `RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO${at}`),
};
const locked = { ...hard.longIdle, problem: hard.longFailure, untrusted };
const failed: EngineState = {
  ...hard.longRestoring,
  phase: 'failed',
  failure: hard.longFailure,
  continueAt: `extract ${hard.long.path}: 9.1 GB, 214,337 files`,
  skippable: { step: 's', title: 't', words: `without ${hard.long.path}`, consequence: `Files of ${hard.long.path}.` },
  written: `vda was wiped and partitioned. Filled: ${hard.long.path}. Filled in part: ${hard.long.foreign}.`,
};

/** Each screen: how a person comes to it, and what stands on it then. */
const screens: Record<string, { state: EngineState; keys?: string[]; until: RegExp }> = {
  menu: { state: hard.longIdle, until: /Power off/ },
  'menu with a refused set': { state: locked, until: /Use it anyway/ },
  disks: { state: hard.longIdle, keys: ['1'], until: /[wW]hich disk/ },
  plan: { state: hard.longIdle, keys: ['1', '1'], until: /the plan/ },
  'which file system': { state: hard.longIdle, keys: ['2', '1'], until: /which file system/ },
  'which device': { state: hard.longIdle, keys: ['2', '1', '1'], until: /into which device/ },
  'how to make it': { state: hard.longIdle, keys: ['2', '1', '1', '1'], until: /how\?/ },
  countdown: { state: { ...hard.longIdle, plan: hard.longPlan, countdown: 17 }, until: /any key/ },
  restoring: { state: hard.longRestoring, until: /^ Restoring/ },
  failed: { state: failed, until: /The restore stopped/ },
  restored: { state: hard.longRestored, until: /^ Restored/ },
  wanted: { state: { ...hard.longRestoring, wanted }, until: /^ Wanted/ },
};

async function open(name: string, columns: number, rows: number, ascii = false): Promise<string> {
  const { state, keys = [], until } = screens[name] ?? { state: hard.longIdle, until: /./ };
  menu = await MenuOnScreen.open({ state, columns, rows, ascii, onCommand: answer });
  await menu.expect(/shell|any key/);
  for (const key of keys) {
    const before = menu.screen();
    await menu.press(key);
    for (let waited = 0; waited < 100 && menu.screen() === before; waited += 1) await sleep(20);
    await settled();
  }
  await menu.expect(until);
  return settled();
}

/** The menu draws eight times a second: what it shows when nothing changed for longer. */
async function settled(): Promise<string> {
  let screen = menu.screen();
  for (let same = 0; same < 8; same += 1) {
    await sleep(20);
    if (menu.screen() !== screen) same = 0;
    screen = menu.screen();
  }
  return screen;
}

const whole = new Map<string, string[]>();

/** Its rows on a screen that is high enough for all of them. */
async function allRows(name: string, columns: number, ascii: boolean): Promise<string[]> {
  const key = `${name} ${columns} ${ascii}`;
  const known = whole.get(key);
  if (known !== undefined) return known;
  await open(name, columns, 400, ascii);
  const rows = body(menu.screen()).filter((line) => line.trim() !== '' && !isDrawn(line));
  await menu.close();
  whole.set(key, rows);
  return rows;
}

/** Between the rules. */
function body(screen: string): string[] {
  const lines = screen.split('\n');
  const isRule = (line: string): boolean => /^(─+|-{20,})$/.test(line);
  const first = lines.findIndex(isRule);
  return lines.slice(first + 1, lines.findLastIndex(isRule));
}

/** Without blanks, and without what marks the choice. */
const squeeze = (text: string): string => text.replaceAll(/\s+|^ *[►>](?= \d)/gm, '');
/** Pictures and charts have the screen's width; what is shown whole elsewhere may be shortened. */
const isDrawn = (line: string): boolean => /[█▒░▀▄]{2}|[#=]{4}|\.\.\s*$|│|\.\.[\w/]/.test(line);

/** Presses it until that changes nothing. */
async function pagesOf(key: string): Promise<string[]> {
  const pages = [menu.screen()];
  for (let page = 0; page < 60 && (page === 0 || pages.at(-1) !== pages.at(-2)); page += 1) {
    await menu.press(key);
    pages.push(await settled());
  }
  return pages;
}

/** All that can be seen: by the arrows, and wherever it says that there is more, by PgUp and PgDn. */
async function allPages(): Promise<string> {
  const pages: string[] = [];
  for (let press = 0; press < 40; press += 1) {
    const before = menu.screen();
    pages.push(...(/more rows? (above|below)|scroll|more lines?/.test(before) ? await pagesOf(pageDown) : [before]));
    if (/more rows? above/.test(menu.screen())) pages.push(...(await pagesOf(pageUp)));
    const last = menu.screen();
    await menu.press('\x1b[B');
    if ((await settled()) === last || pages.includes(menu.screen())) break;
  }
  return pages.join('\n');
}

describe('[E1] nothing is cut silently', () => {
  afterEach(() => menu.close());

  for (const [columns, rows, ascii] of [
    [80, 24, true],
    [80, 25, false],
    [60, 18, false],
  ] as const)
    for (const name of Object.keys(screens))
      it(`${name} at ${columns}x${rows}${ascii ? ' on a serial line' : ''}: frame and keys stand, and all rows can be seen`, async () => {
        const rowsOfAll = await allRows(name, columns, ascii);
        const small = await open(name, columns, rows, ascii);
        const lines = small.split('\n');
        expect(lines[0]?.trim()).not.toBe('');
        expect(lines.filter((line) => /^(─+|-{20,})$/.test(line))).toHaveLength(2);
        expect(lines.every((line) => line.length <= columns)).toBe(true);
        expect(lines.at(-1)?.trim()).toBe('');
        if (name === 'countdown') {
          expect(small).toMatch(/\d+ more rows: stop it, then choose "Show\s+the plan"/);
          return;
        }
        const seen = squeeze(await allPages());
        const log = / line \d+ |of the log/;
        const missing = rowsOfAll.filter((line) => !log.test(line) && !seen.includes(squeeze(line)));
        expect(missing.filter((line) => !/in all|more (row|line|\()|more below/.test(line))).toEqual([]);
      });

  for (const name of Object.keys(screens))
    it(`${name}: what does not fit a row of 80 columns goes on in the next one`, async () => {
      await open(name, 600, 300);
      const wide = body(menu.screen()).filter((line) => line.trim() !== '' && !isDrawn(line));
      await menu.close();
      await open(name, 80, 400);
      const narrow = squeeze(body(menu.screen()).join('\n'));
      const log = / line \d+ |of the log|^ (now|next) |IMG_2231/;
      const missing = wide.filter((line) => !log.test(line) && !narrow.includes(squeeze(line)));
      expect(missing).toEqual([]);
    });
});

describe('[E1] rows of a text', () => {
  const room = { columns: 80, glyphs: consoleGlyphs };
  const nasty = fc.oneof(
    fc.string({ maxLength: 400, unit: 'grapheme' }),
    fc
      .array(fc.constantFrom('word', 'x'.repeat(120), '日本', 'e\u0301', '\u001b[2J', '  ', '/a/b'), { maxLength: 60 })
      .map((parts) => parts.join(' ')),
  );

  it('hold all of it, and none is wider than the screen, whatever the text and the width', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 8, max: 132 }), fc.integer({ min: 0, max: 7 }), (text, columns, hanging) => {
        for (const glyphs of [consoleGlyphs, asciiGlyphs]) {
          const rows = rowsOf({ text, indent: 3, hanging }, { columns, glyphs });
          expect(rows.every(({ length }) => length <= columns - 3)).toBe(true);
          expect(squeeze(rows.join(''))).toBe(squeeze(printable(text, glyphs)));
        }
      }),
    );
  });

  it('hold every title and every hint of the catalogue, on the narrowest screen too', () => {
    for (const [code, { title, hint }] of Object.entries(catalogue))
      for (const columns of [40, 80])
        for (const text of [title, `Next: ${hint} [${code}]`]) {
          const rows = rowsOf({ text, indent: 3 }, { ...room, columns });
          expect(rows.every(({ length }) => length <= columns - 3)).toBe(true);
          expect(squeeze(rows.join(''))).toBe(squeeze(text));
        }
  });

  it('keep words whole where they fit, and go on further right', () => {
    expect(wrapText('one two three', 8)).toEqual(['one two', '  three']);
    expect(wrapText('    deep text', 9, 2)).toEqual(['    deep', '    text']);
    expect(wrapText('', 8)).toEqual(['']);
  });

  it('keep keys whole: they take another row', () => {
    expect(wrapParts(['Esc back', '! shell', 'Enter go'], '   ', 20)).toEqual(['Esc back   ! shell', 'Enter go']);
  });

  it('show the end of a path, from the beginning of a name', () => {
    expect(shortenPath('/var/lib/docker/volumes', 12)).toBe('../volumes');
    expect(shortenPath('/home', 12)).toBe('/home');
    expect(shortenPath('averyverylongname', 8)).toBe('..ngname');
  });
});

describe('the sources of the menu', () => {
  const root = join(import.meta.dirname, '../../tui');
  const files = globSync('**/*.{ts,tsx}', { cwd: root });

  it('write text by Line alone, which loses none', () => {
    const own = ['components/frame.tsx', 'components/line.tsx'];
    const others = files.filter((file) => !own.includes(file));
    const writing = others.filter((file) =>
      /import \{[^}]*\bText\b[^}]*\} from 'ink'/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(writing).toEqual([]);
  });

  it('shorten only what can be read elsewhere: the log, and the file that is being restored', () => {
    const shortening = files.filter((file) => /\bisOneRow\b/.test(readFileSync(join(root, file), 'utf8')));
    expect(shortening.toSorted()).toEqual(['components/line.tsx', 'screens/failed.tsx', 'screens/progress.tsx']);
  });
});
