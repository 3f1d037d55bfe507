import { describe, expect, it } from 'vitest';
import { isVanished, sortTarMessages } from '../../../../restore/archive/tar-messages.ts';

// As GNU tar 1.34 wrote them while directories were made, moved and removed under it.
const vanished = ['./d3: Cannot stat: No such file or directory', './d3/q/m: Cannot open: No such file or directory'];
const removed = './d3/n: File removed before we read it';
const text = [...vanished, removed, 'Exiting with failure status due to previous errors']
  .map((line) => `tar: ${line}\n`)
  .join('');

describe("tar's messages", () => {
  it('[B10] about directories that went while an incremental archive was made are notes', () => {
    expect(sortTarMessages(text, { listed: true })).toEqual({ notes: [...vanished, removed], errors: [] });
    expect([...vanished, removed].map(isVanished)).toEqual([true, true, false]);
  });

  it('about anything else that cannot be read are errors', () => {
    expect(sortTarMessages(text)).toEqual({ notes: [removed], errors: vanished });
    const others = [
      './d3: Cannot open: Permission denied',
      './d3: Cannot stat: Input/output error',
      '.: Cannot stat: No such file or directory',
    ];
    const all = others.map((line) => `tar: ${line}\n`).join('');
    expect(sortTarMessages(all, { listed: true })).toEqual({ notes: [], errors: others });
  });
});
