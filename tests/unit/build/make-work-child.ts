// Started by work.test.ts in a namespace: makes a work folder, says which, and works in it until its input ends.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkDirectory } from '../../../build/work.ts';

const left: string[] = [];
const made = await makeWorkDirectory(process.argv[2] ?? '', (text) => left.push(text));
writeFileSync(join(made, 'image'), 'an hour of work');
console.log(JSON.stringify({ made, left }));
process.stdin.resume();
