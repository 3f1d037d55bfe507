import { readFileSync, readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';

it('a file of tests has mounts and a /run/rekindle of its own', () => {
  expect(readlinkSync('/proc/self/ns/mnt')).not.toBe(readlinkSync(`/proc/${process.ppid}/ns/mnt`));
  expect(readFileSync('/proc/self/mounts', 'utf8')).toMatch(/^rekindle-tests \/run\/rekindle tmpfs /m);
});
