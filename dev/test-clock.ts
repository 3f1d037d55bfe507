// `npm run test:clock [WORD] [-- FILE...]`: the unit and screen tiers on other days, in other time zones and locales, as libfaketime
// (Debian's package) shows them. File times stay real, and so do children that get a clean environment, as the product's do.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../common/run.ts';
import { runVitestTier, sayTally, type Tally } from './test/tiers.ts';

const root = join(import.meta.dirname, '..');
const folder = process.arch === 'x64' ? '/usr/lib/x86_64-linux-gnu/faketime' : '/usr/lib/aarch64-linux-gnu/faketime';
const library = join(folder, 'libfaketimeMT.so.1');

/** FAKETIME is libfaketime's own word for when; '@' starts there in each process. */
const rows = [
  { name: 'tomorrow, in Kiritimati', FAKETIME: '+1d', TZ: 'Pacific/Kiritimati', LANG: 'C.UTF-8' },
  { name: "in 400 days, in St. John's", FAKETIME: '+400d', TZ: 'America/St_Johns', LANG: 'C.UTF-8' },
  { name: "New Year's night, in Turkish", FAKETIME: '@2026-12-31 23:59:30', TZ: 'UTC', LANG: 'tr_TR.UTF-8' },
] as const;

/** Turkish has a dotless i: 'FILE'.toLowerCase() there, and what tools say, are not what a program may count on. */
async function makeLocale(into: string): Promise<void> {
  for (const [language, name] of [
    ['tr_TR', 'tr_TR.UTF-8'],
    ['C', 'C.UTF-8'],
  ] as const)
    await run(['localedef', '-i', language, '-f', 'UTF-8', join(into, name)], { okExit: [0, 1] });
  if (!existsSync(join(into, 'tr_TR.UTF-8', 'LC_MESSAGES'))) throw new Error('localedef made no tr_TR.UTF-8');
}

const [wanted = '', ...files] = process.argv.slice(2);
const chosen = rows.filter(({ name }) => name.includes(wanted));
if (chosen.length === 0)
  throw new Error(`no row with "${wanted}"; there are: ${rows.map(({ name }) => name).join('; ')}`);
if (!existsSync(library)) throw new Error(`${library} is not there: install libfaketime`);
const locales = await mkdtemp(join(tmpdir(), 'rekindle-locales-'));
const tallies: Tally[] = [];
try {
  await makeLocale(locales);
  for (const { name, FAKETIME, TZ, LANG } of chosen) {
    const clock = { LD_PRELOAD: library, FAKETIME, NO_FAKE_STAT: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
    const place = { TZ, LANG, LC_ALL: LANG, LOCPATH: locales };
    tallies.push(await runVitestTier(name, ['--project', 'unit', ...files], root, { ...clock, ...place }));
  }
} finally {
  await rm(locales, { recursive: true, force: true });
}
process.exit(sayTally(tallies));
