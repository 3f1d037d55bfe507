import { describe, expect, it } from 'vitest';
import { openArchive, type SetAccess } from '../../../../restore/archive/open-archive.ts';
import type { Archive } from '../../../../restore/archive/set-schema.ts';
import { PartsSource } from '../../../../restore/archive/store/parts.ts';
import type { ByteSource } from '../../../../restore/archive/store/store.ts';

const parts = [1, 2].map((volume) => ({ volume, path: `archive.part${volume}`, size: 4, sha256: '' }));

describe('an archive in parts', () => {
  it('that cannot be decrypted is closed again', async () => {
    const calls: string[] = [];
    const openPart = async (): Promise<ByteSource> => {
      calls.push('open');
      return { size: 4, read: async (target) => target.fill(7).length, close: async () => void calls.push('close') };
    };
    const set = { manifest: { encryption: 'age' } };
    const access = { set, identities: [{}], openPart } as unknown as SetAccess;
    await expect(openArchive(access, { name: '001-root', parts } as unknown as Archive)).rejects.toThrow();
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter((call) => call === 'close')).toHaveLength(calls.length / 2);
  });

  it('keeps one part open at a time, and closes the one that is just being opened when it is closed', async () => {
    const open = new Set<string>();
    const disc = Promise.withResolvers<void>();
    const source = new PartsSource(parts, async ({ path, size }) => {
      // The second volume is not in the drive yet.
      if (path.endsWith('2')) await disc.promise;
      open.add(path);
      return {
        size,
        read: async (target) => target.fill(7).length,
        close: async () => void open.delete(path),
      };
    });
    expect(await source.read(Buffer.alloc(9), 0)).toBe(4);
    expect([...open]).toEqual(['archive.part1']);
    const ahead = source.read(Buffer.alloc(9), 4);
    await expect.poll(() => open.size).toBe(0);
    await source.close();
    disc.resolve();
    await expect(ahead).rejects.toThrow('archive.part2 is not read any more');
    expect(open.size).toBe(0);
  });
});
