import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../build/config.ts';
import { temporaryDirectory } from './temporary.ts';

async function read(text: string) {
  const file = join(await temporaryDirectory(), 'settings.toml');
  await writeFile(file, text);
  return readConfig(file);
}

describe('[A5] what is wrong with the settings is named, with the file and the key', () => {
  it.each([
    ['to = "/x.iso"', 'to[0]: "/x.iso": a destination looks like iso:FILE; write to = "iso:/x.iso"'],
    ['to = ["x.iso"]', 'to[0]: "x.iso": a destination looks like iso:FILE'],
    ['to = ""', 'to[0]: "": a destination looks like iso:FILE'],
    ['to = 3', 'to: a destination: "iso:FILE"'],
    ['to = ["iso:/a.iso", "iso:/b.iso"]', 'to: exactly one destination in this version'],
    ['volume-size = "foo"', 'volume-size: "foo" is no size'],
    ['volume-size = 5000', 'volume-size: 5000 is too small for the rescue system'],
    ['volume-size = true', 'volume-size: a size: "4.7G"'],
    ['keep = "full=2"', 'keep: write keep = {full = 2, incremental = 6}'],
    ['keep = {full = 2, all = 3}', 'keep: write keep = {full = 2, incremental = 6}'],
    ['recipient = "age1x"', 'recipient: a list: ["age1..."]'],
    ['kernel-argument = ["quiet", "a b"]', 'kernel-argument[1]: letters, digits and .,:;=+@%/- only'],
    ['signing-key = ""', 'signing-key: a path'],
    ['recipients = ["age1x"]', '"recipients"'],
    ['[hooks]\nbefore = "stop"', 'hooks.before: '],
    ['[hooks]\nafter = [["sync", 3]]', 'hooks.after[0][1]: '],
    ['level = "some"', 'level: '],
    ['verify = "no"', 'verify: '],
    ['to = "iso:/x.iso', 'settings.toml: '],
  ])('%s', async (text, words) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'RK221', reason: expect.stringContaining(words) });
    await expect(read(text)).rejects.toMatchObject({ reason: expect.stringMatching(/settings\.toml: /) });
  });

  it('all at once, a line for each', async () => {
    const wrong = read('volume-size = "foo"\nlevel = "some"\n');
    await expect(wrong).rejects.toMatchObject({ reason: expect.stringMatching(/volume-size: .*\nlevel: /) });
  });

  it('what is right is taken, a destination as text or as a list', async () => {
    expect(await read('to = "iso:/x.iso"\nvolume-size = 700000000')).toEqual({
      to: ['iso:/x.iso'],
      'volume-size': '700000000',
    });
    expect(await read('to = ["iso:/x.iso"]\nkeep = {full = 1}')).toEqual({
      to: ['iso:/x.iso'],
      keep: { full: 1, incremental: 6 },
    });
    expect(await read('')).toEqual({});
  });
});
