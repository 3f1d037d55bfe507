import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import type { RecoverySet } from '../../../../restore/archive/open-set.ts';
import { describeFile } from '../../../../restore/archive/write-set.ts';
import { answerOfSet } from '../../../../restore/execute/answer-of-set.ts';
import { makeSmallSet, sampleSet } from '../../../fixtures/small-set.ts';
import { temporaryDirectory } from '../../build/temporary.ts';

const answer = 'countdown = 0\n[[disk]]\nsource = "disk0"\nserial = "S"\n';

/** A set that was made with an answer file, or without. */
async function setWith(text: string | null): Promise<{ set: RecoverySet; file: string }> {
  const work = await temporaryDirectory();
  const directory = join(work, 'volume-1/rekindle', sampleSet);
  const small = await makeSmallSet({
    work,
    trees: [],
    write: async (volumes) => {
      if (text === null) return [];
      writeFileSync(join(directory, 'answer.toml'), text);
      volumes.add(await describeFile(directory, 'answer.toml'));
      return [];
    },
  });
  return { set: await small.open(), file: join(small.directory(1), 'answer.toml') };
}

describe('[C11] the answer file beside a set', () => {
  it('is the one that the set was made with', async () => {
    const { set, file } = await setWith(answer);
    expect(await answerOfSet(set, 'nowhere')).toBe(file);
    expect(await answerOfSet((await setWith(null)).set, 'nowhere')).toBeNull();
  });

  it('is refused (RK365) when it was changed or put there later', async () => {
    const changed = await setWith(answer);
    writeFileSync(changed.file, answer.replace('"S"', '"T"'));
    await expect(answerOfSet(changed.set, 'nowhere')).rejects.toMatchObject({ code: 'RK365' });
    const added = await setWith(null);
    writeFileSync(added.file, answer);
    await expect(answerOfSet(added.set, 'nowhere')).rejects.toMatchObject({ code: 'RK365' });
  });

  it('is a small file: a FIFO, a device or a link is refused at once', async () => {
    const { set, file } = await setWith(answer);
    for (const make of [
      ['mkfifo', file],
      ['mknod', file, 'c', '1', '5'],
      ['ln', '-s', '/etc/hostname', file],
    ] as const) {
      rmSync(file);
      await run([...make]);
      await expect(answerOfSet(set, 'nowhere')).rejects.toMatchObject({ code: 'RK365' });
    }
  });
});
