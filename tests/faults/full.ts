import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readStored } from '../../build/snapshots/store.ts';
import { run } from '../../common/run.ts';
import { create, createArgv, type Lab, Media, temporaries, traced } from './lab.ts';

const full = (lab: Lab): string => join(lab.directory, 'full');

/** How the file system for media and snapshots ends: bytes, or files. */
export type Limit = { size: number } | { files: number };

async function limit(lab: Lab, to: Limit): Promise<void> {
  const option = 'size' in to ? `size=${to.size},nr_inodes=100000` : `size=200m,nr_inodes=${to.files}`;
  await run(['mount', '-o', `remount,${option}`, full(lab)]);
}

const clear = /^failed \{.*"code":"(RK205|RK208|RK211)"/;

/** What is wrong after a run that could not write all it wanted; empty: nothing. A run that ended well made a complete set. */
async function judge(lab: Lab, media: Media, output: string, expected: RegExp): Promise<string[]> {
  const wrong: string[] = [];
  const good = output.startsWith('result ');
  if (!good && !expected.test(output)) wrong.push(`no clear error: ${output.slice(0, 600)}`);
  const accepted = await media.accepted().catch((error: unknown) => void wrong.push(String(error)));
  const set = /"set":"([0-9a-f-]+)"/.exec(output)?.[1];
  if (good && accepted !== set) wrong.push(`it says that it made ${set}, verify accepts ${accepted}`);
  wrong.push(...temporaries(lab).map((name) => `${name} is left`));
  const half = readdirSync(lab.media).filter((name) => name.endsWith('.iso'));
  if (half.length !== 0 && accepted === null) wrong.push(`under final names: ${half.join(', ')}`);
  const stored = await readStored(lab.store).catch((error: unknown) => {
    wrong.push(String(error));
    return [];
  });
  for (const each of stored)
    if (!media.complete.has(each.set)) wrong.push(`${each.set} was never complete, and is a base`);
  return wrong;
}

/** A run for each of the limits. @returns what was found to be wrong, and how many runs ended well */
export async function fillAtEach(lab: Lab, limits: readonly Limit[]): Promise<{ wrong: string[]; good: number }> {
  const media = new Media(lab);
  const wrong: string[] = [];
  let good = 0;
  for (const each of limits) {
    await run(['find', lab.media, lab.store, '-mindepth', '1', '-delete']);
    await limit(lab, each);
    const output = await create(lab);
    if (output.startsWith('result ')) good += 1;
    wrong.push(...(await judge(lab, media, output, clear)).map((text) => `${JSON.stringify(each)}: ${text}`));
  }
  await limit(lab, { size: 200 << 20 });
  return { wrong, good };
}

/**
 * Lets the call number `when` of each thread fail: one of rename, link, fsync ... A finished set is there before; it is accepted
 * afterwards, or the new one is.
 */
export async function failAtEach(lab: Lab, call: string, error: string, when: readonly number[]): Promise<string[]> {
  const media = new Media(lab);
  const wrong: string[] = [];
  for (const number of when) {
    await create(lab);
    if ((await media.accepted()) === null) wrong.push('no set to begin with');
    const inject = `inject=${call}:error=${error}:when=${number}`;
    const { output } = await traced(createArgv(lab), ['--seccomp-bpf', '-e', `trace=${call}`, '-e', inject]);
    const found = await judge(lab, media, output, error === 'ENOSPC' ? clear : /^failed \{.*"code":"RK\d+"/);
    wrong.push(...found.map((text) => `${call} ${number} ${error}: ${text}`));
  }
  return wrong;
}
