import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namesIn, spaceOf } from '../../../common/look.ts';
import { mountDead } from '../../fixtures/dead-mount.ts';

let work = '';
let release: () => void = () => undefined;

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'look-'));
});
afterEach(() => {
  release();
  release = () => undefined;
  rmSync(work, { recursive: true, force: true });
});

describe('a look at a place', () => {
  it('gives its names, and what its file system holds', async () => {
    mkdirSync(join(work, 'a b'));
    writeFileSync(join(work, '.hidden'), '');
    expect((await namesIn(work)) as string[]).toEqual(expect.arrayContaining(['a b', '.hidden']));
    const { blocks, bsize } = statfsSync(work);
    expect(await spaceOf(work)).toMatchObject({ size: blocks * bsize });
  });

  it('gives null where nothing is', async () => {
    expect(await namesIn(join(work, 'none'))).toBeNull();
    expect(await spaceOf(join(work, 'none'))).toBeNull();
    expect(await namesIn('--help')).toBeNull();
  });

  it('whose server is gone is silent, many at once no longer than one', async () => {
    const dead = join(work, 'dead');
    release = mountDead(dead, 'server:/export');
    const start = performance.now();
    const looks = [1, 2, 3, 4, 5, 6].flatMap(() => [namesIn(dead, { seconds: 1 }), spaceOf(dead, { seconds: 1 })]);
    expect(new Set(await Promise.all(looks))).toEqual(new Set(['silent']));
    expect(await namesIn(join(dead, 'rekindle'), { seconds: 1 })).toBe('silent');
    // Each by itself would take 12 seconds; in this process the fifth would wait for ever.
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(await spaceOf('/')).toMatchObject({ size: expect.any(Number) });
  });

  it('does not keep its asker from ending', async () => {
    const dead = join(work, 'dead');
    release = mountDead(dead, 'server:/export');
    const script = join(work, 'ask.ts');
    const look = join(import.meta.dirname, '../../../common/look.ts');
    writeFileSync(
      script,
      `import { spaceOf } from ${JSON.stringify(look)};\nconsole.log(await spaceOf(${JSON.stringify(dead)}, { seconds: 1 }));\n`,
    );
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (part) => {
      said += String(part);
    });
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect(said).toBe('silent\n');
  });

  it('takes no endless answer', async () => {
    for (let at = 0; at < 6000; at += 1) writeFileSync(join(work, `${at}${'n'.repeat(200)}`), '');
    expect(await namesIn(work)).toBeNull();
    execFileSync('sh', ['-c', 'rm -rf "$1"/*', 'sh', work]);
  });
});
