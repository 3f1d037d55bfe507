import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ageOf, menuTitles } from '../../tui/screens/menu-title.ts';
import { chooseWording, shorten } from '../../tui/wording.ts';
import { idle } from './states.ts';
import { MenuOnScreen } from './terminal.ts';

describe('[E1] what does not fit', () => {
  it('is the fullest wording that does, and never longer than the line', () => {
    expect(chooseWording(['saved today, by root', 'saved today', 'today'], 80)).toBe('saved today, by root');
    expect(chooseWording(['saved today, by root', 'saved today', 'today'], 12)).toBe('saved today');
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 60 })), fc.nat(50), (wordings, columns) => {
        expect(chooseWording(wordings, columns).length).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('ends at a word and says that something is missing', () => {
    expect(shorten('one file system, layout', 23)).toBe('one file system, layout');
    expect(shorten('one file system, layout', 22)).toBe('one file system, ..');
    expect(shorten('averyverylongname', 10)).toBe('averyver..');
    expect(shorten('whatever', 1)).toBe('.');
  });

  it('is not the middle of a text without a mark, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), fc.integer({ min: 2, max: 60 }), (text, columns) => {
        const shown = shorten(text, columns);
        expect(shown === text || shown.endsWith('..')).toBe(true);
      }),
    );
  });
});

describe('[E1] how old the backup is', () => {
  const made = '2026-11-20T02:00:00.000Z';
  const daysLater = (days: number): number => Date.parse(made) + days * 86_400_000;

  it.each([
    [0, 'today'],
    [1.9, 'yesterday'],
    [10, '10 days ago'],
    [400, '400 days ago'],
    [-0.1, "by this machine's clock in the future"],
  ])('%s days after it was made: %s', (days, words) => {
    expect(ageOf(made, daysLater(days))).toBe(words);
  });

  it('is not known of a time that is none', () => {
    expect(ageOf('yesterday, I think', daysLater(0))).toBe('nobody knows when');
  });

  it('fits the head line on every day, with the time of the backup', () => {
    for (const days of [-3, 0, 1, 9, 10, 99, 100, 999, 1000, 9999]) {
      const title = chooseWording(menuTitles(idle, daysLater(days), '·'), 78);
      expect(title).toMatch(/(^|· )web01/);
      expect(title).toContain(`saved 2026-11-20 02:00, ${ageOf(made, daysLater(days))}`);
    }
  });
});

describe('[E1] a narrow screen', () => {
  let menu: MenuOnScreen;
  afterEach(() => menu.close());

  it('gives up the end of a host name rather than the age of the backup', async () => {
    const hostname = `${'very-long-name-of-a-machine-in-a-large-data-center'.repeat(2)}.example.org`;
    const set = idle.set && { ...idle.set, machine: { ...idle.set.machine, hostname } };
    menu = await MenuOnScreen.open({ state: { ...idle, set } });
    const screen = await menu.expect(/Restore this machine/);
    expect(screen.split('\n')[0]).toMatch(/^ saved 2026-11-20, 10 days ago · very-long-name-of-a-\S+\.\.$/);
  });

  it('shows the words of all choices whole', async () => {
    menu = await MenuOnScreen.open({ state: idle });
    const screen = await menu.expect(/Restore this machine/);
    expect(screen.split('\n').filter((line) => line.endsWith('..'))).toEqual([]);
  });
});
