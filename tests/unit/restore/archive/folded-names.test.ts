import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../../common/run.ts';
import { extractArchive } from '../../../../restore/archive/extract-archive.ts';
import { LinkSet } from '../../../../restore/archive/link-set.ts';
import { MemberCheck } from '../../../../restore/archive/member-check.ts';
import { accessAtHand } from '../../../../restore/archive/open-archive.ts';
import { craft, craftSet, root } from '../../../fixtures/crafted-set.ts';
import { temporaryDirectory } from '../../build/temporary.ts';

const { file, folder, link } = craft;

/** What makes such a file system on an image, and the folder of it that ignores case. */
const makes: Record<string, { size: string; mkfs: readonly [string, ...string[]]; folder?: string }> = {
  'an xfs with version=ci': { size: '400M', mkfs: ['mkfs.xfs', '-q', '-n', 'version=ci'] },
  'a folder of an ext4 with casefold': { size: '64M', mkfs: ['mkfs.ext4', '-q', '-O', 'casefold'], folder: 'srv' },
};

function byAnotherSpelling(victim: string): Buffer[] {
  return [folder('./srv/'), link('./srv/Way', victim), file('./srv/wAY/passwd', 'owned')];
}

describe('a link of the set, by another spelling', () => {
  for (const [name, { size, mkfs, folder: at }] of Object.entries(makes))
    it(`leads nowhere out of ${name} (RK310)`, async ({ skip }) => {
      const work = await temporaryDirectory();
      const [image, target, victim] = [join(work, 'image'), join(work, 'target'), join(work, 'victim')];
      for (const path of [target, victim]) mkdirSync(path);
      writeFileSync(join(victim, 'passwd'), 'sound');
      await run(['truncate', '-s', size, image]);
      await run([...mkfs, image]);
      if ((await run(['mount', '-o', 'loop', image, target], { okExit: [0, 32] })).exitCode !== 0)
        return skip('this kernel has no such file system');
      onTestFinished(async () => void (await run(['umount', target])));
      if (at !== undefined) await run(['mkdir', join(target, at)]);
      if (at !== undefined) await run(['chattr', '+F', join(target, at)]);
      const set = await craftSet(join(work, 'set'), [{ mountPoint: '/', members: byAnotherSpelling(victim) }]);
      const [archive] = set.archives;
      if (!archive) throw new Error('no archive');
      const extracted = extractArchive({ access: accessAtHand(await set.open()), archive, target });
      await expect(extracted).rejects.toMatchObject({ code: 'RK310' });
      expect(readFileSync(join(victim, 'passwd'), 'utf8')).toBe('sound');
    });

  it.each([true, false])('is met before tar where names fold (%s)', (folds) => {
    const check = new MemberCheck(() => undefined, { links: new LinkSet(folds), remove: () => undefined });
    const push = (): void => check.push(Buffer.concat([root, ...byAnotherSpelling('/etc')]));
    if (folds) expect(push).toThrowError(expect.objectContaining({ code: 'RK310' }));
    else expect(push).not.toThrow();
  });
});
