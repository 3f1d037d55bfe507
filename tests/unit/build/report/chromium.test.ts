import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { tones } from '../../../../build/report/picture/tones.ts';
import { renderReport } from '../../../../build/report/render.ts';
import { writeReport } from '../../../../build/report/write.ts';
import { Chromium } from './chromium.ts';
import { decodePng, type Picture } from './png.ts';
import { hostile } from './sample-disks.ts';
import { sampleFacts } from './sample-facts.ts';

let browser: Chromium;
let directory = '';
let report = '';
beforeAll(async () => {
  browser = await Chromium.start();
  directory = await mkdtemp(join(tmpdir(), 'rekindle-test-'));
  report = await writeReport(directory, sampleFacts);
});
afterAll(async () => {
  await browser.stop();
  await rm(directory, { recursive: true });
});

const boxSchema = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
type Box = z.infer<typeof boxSchema>;

/** Where the elements of a selector stand in the page (which is not scrolled). */
function boxesOf(selector: string): Promise<Box[]> {
  const each = '(e) => { const { x, y, width, height } = e.getBoundingClientRect(); return { x, y, width, height }; }';
  return browser.evaluate(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map(${each})`,
    z.array(boxSchema),
  );
}

async function open(width: number, media?: 'print'): Promise<Picture> {
  await browser.open(report, width, media);
  return decodePng(await browser.screenshot());
}

/** Stretches of the stripes' colours along the top of a row of blocks, from the bar's left end. */
function stripes(picture: Picture, bar: Box, y: number): { colour: string; from: number; width: number }[] {
  const strong = new Set<string>(Object.values(tones).map((tone) => tone.strong));
  return picture
    .runs(Math.round(bar.y + y), Math.round(bar.x), Math.round(bar.x + bar.width))
    .filter(({ colour }) => strong.has(colour))
    .map(({ colour, from, width }) => ({ colour, from: from - Math.round(bar.x), width }));
}

/** Pixels that edges may be off: the white line of two between blocks, and a blurred one on either side. */
const tolerance = 4;

describe.each([1280, 900, 400])('[B16] the report in a window of %d pixels', (width) => {
  let picture: Picture;
  beforeAll(async () => {
    picture = await open(width);
  });

  it('is as wide as the window and leaves its margins white', async () => {
    expect(await browser.evaluate('document.documentElement.scrollWidth', z.number())).toBe(width);
    expect(picture.width).toBe(width);
    for (const column of [0, 8, width - 9, width - 1])
      for (let y = 0; y < picture.height; y += 1)
        if (picture.at(column, y) !== '#ffffff') throw new Error(`ink at ${column},${y}`);
  });

  it('[B16] shows the partitions in their colours, where and as wide as they are on the disk', async () => {
    const [bar] = await boxesOf('svg.bar');
    if (!bar) throw new Error('no picture');
    // 100 GiB in GiB: ESP 0.5 (drawn as 2.5% of the bar), free 9.5, swap 10, root 30, LVM 40, free 10.
    const unit = (bar.width * 0.975) / 99.5;
    const least = bar.width * 0.025;
    const expected = [
      { colour: tones.fat.strong, from: 0, width: least },
      { colour: tones.swap.strong, from: least + 9.5 * unit, width: 10 * unit },
      { colour: tones.linux.strong, from: least + 19.5 * unit, width: 30 * unit },
      { colour: tones.layer.strong, from: least + 49.5 * unit, width: 40 * unit },
    ];
    const seen = stripes(picture, bar, 3);
    expect(seen.map(({ colour }) => colour)).toEqual(expected.map(({ colour }) => colour));
    for (const [index, each] of expected.entries()) {
      expect(Math.abs((seen[index]?.from ?? -99) - each.from)).toBeLessThanOrEqual(tolerance);
      expect(Math.abs((seen[index]?.width ?? -99) - each.width)).toBeLessThanOrEqual(tolerance);
    }
    expect(seen[0]?.width).toBeGreaterThanOrEqual(6);
  });

  it('shows what is in use, and what is not, in proportion', async () => {
    const [bar] = await boxesOf('svg.bar');
    if (!bar) throw new Error('no picture');
    const root = stripes(picture, bar, 3)[2];
    if (!root) throw new Error('no root partition');
    // Below the texts: 12 of 30 GiB are used.
    const left = Math.round(bar.x) + root.from;
    const runs = picture.runs(Math.round(bar.y) + 65, left, left + root.width);
    expect(runs.map(({ colour }) => colour).filter((colour, at, all) => colour !== all[at - 1])).toContain(
      tones.linux.light,
    );
    const used = runs.filter(({ colour }) => colour === tones.linux.used).reduce((sum, run) => sum + run.width, 0);
    expect(Math.abs(used - (root.width * 12) / 30)).toBeLessThanOrEqual(tolerance);
  });

  it('stacks the volumes below the partition that they lie on', async () => {
    const [bar] = await boxesOf('svg.bar');
    if (!bar) throw new Error('no picture');
    const group = stripes(picture, bar, 3)[3];
    if (!group) throw new Error('no LVM partition');
    const [home, srv, ...more] = stripes(picture, bar, 68 + 4 + 3);
    expect(more).toEqual([]);
    // 24 and 8 of 40 GiB.
    expect(Math.abs((home?.from ?? -99) - group.from)).toBeLessThanOrEqual(tolerance);
    expect(Math.abs((home?.width ?? -99) - (group.width * 24) / 40)).toBeLessThanOrEqual(tolerance);
    expect(Math.abs((srv?.from ?? -99) - group.from - (group.width * 24) / 40)).toBeLessThanOrEqual(tolerance);
    expect(Math.abs((srv?.width ?? -99) - (group.width * 8) / 40)).toBeLessThanOrEqual(tolerance);
  });

  it('[B16] cuts no text: those of the picture lie in their blocks, those of the tables in their cells', async () => {
    const texts = `[...document.querySelectorAll('svg.bar text')].filter((e) => e.getClientRects().length > 0 && e.getBoundingClientRect().width > 0)`;
    expect(await browser.evaluate(`${texts}.length`, z.number())).toBeGreaterThan(8);
    const outside = `${texts}.filter((e) => {
      const block = e.ownerSVGElement.getScreenCTM().e;
      const { left, right } = e.getBoundingClientRect();
      return left < block - 1.5 || right > block + e.ownerSVGElement.width.baseVal.value + 1.5;
    }).map((e) => e.textContent)`;
    expect(await browser.evaluate(outside, z.array(z.string()))).toEqual([]);
    const cells = `[...document.querySelectorAll('td, th, dd, h1, p, li')].filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)`;
    expect(await browser.evaluate(`${cells}.map((e) => e.textContent)`, z.array(z.string()))).toEqual([]);
  });

  it('has its heading and the numbers of the partitions in ink', async () => {
    const [heading] = await boxesOf('h1');
    const [bar] = await boxesOf('svg.bar');
    if (!heading || !bar) throw new Error('no heading');
    expect(picture.dark({ ...heading, width: Math.min(heading.width, width - 40) })).toBeGreaterThan(700);
    const [esp, swap] = stripes(picture, bar, 3);
    for (const block of [esp, swap]) {
      const inside = { x: bar.x + (block?.from ?? 0), y: bar.y + 8, width: block?.width ?? 0, height: 58 };
      expect(picture.dark(inside)).toBeGreaterThan(12);
    }
  });
});

describe('[B16] the report in Chromium', () => {
  it('shows hostile names as text, runs and fetches nothing', async () => {
    await open(1280);
    const state = await browser.evaluate(
      `({ scripts: document.scripts.length, images: document.images.length, fetched: performance.getEntriesByType('resource').length, text: document.body.textContent })`,
      z.object({ scripts: z.number(), images: z.number(), fetched: z.number(), text: z.string() }),
    );
    expect(state).toMatchObject({ scripts: 0, images: 0, fetched: 0 });
    for (const text of [hostile.script, hostile.attribute, hostile.entity, hostile.long, 'package-1999-with-a-name'])
      expect(state.text.includes(text)).toBe(true);
  });

  it('is the same page to a strict XML parser', async () => {
    const count = () => browser.evaluate('document.getElementsByTagName("*").length', z.number());
    await open(1280);
    const elements = await count();
    const file = join(directory, 'report.xhtml');
    const spaced = renderReport(sampleFacts)
      .replace('<html ', '<html xmlns="http://www.w3.org/1999/xhtml" ')
      .replaceAll('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ');
    await writeFile(file, spaced);
    await browser.open(file, 1280);
    expect(await browser.evaluate('document.contentType', z.string())).toBe('application/xhtml+xml');
    expect(await browser.evaluate('document.querySelectorAll("parsererror").length', z.number())).toBe(0);
    expect(await count()).toBe(elements);
  });

  it('fits on A4 paper', async () => {
    // 210 mm less two margins of 14 mm, at 96 pixels an inch.
    const paper = await open(688, 'print');
    expect(paper.width).toBe(688);
    expect(await browser.evaluate('document.documentElement.scrollWidth', z.number())).toBe(688);
    const [bar] = await boxesOf('svg.bar');
    if (!bar) throw new Error('no picture');
    expect(stripes(paper, bar, 3).map(({ colour }) => colour)).toEqual([
      tones.fat.strong,
      tones.swap.strong,
      tones.linux.strong,
      tones.layer.strong,
    ]);
    const pages = (await browser.print()).toString('latin1').match(/\/MediaBox \[0 0 594\.9\d* 841\.9\d*\]/g) ?? [];
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.length).toBeLessThan(10);
  });
});
