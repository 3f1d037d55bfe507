// node tests/scale/main.ts [GIBIBYTES [FRAMES [MEMBERS]]]: peak memory and time at other sizes than the tests'. 0 leaves one out.
import { measureFrames, measureIndex, measureSave, measureVerify } from './measure.ts';

const [gibibytes = 4, frames = 100_000, members = 500_000] = process.argv.slice(2).map(Number);
if (gibibytes > 0) await measureSave(gibibytes);
if (gibibytes > 0) await measureVerify(gibibytes);
if (frames > 0) await measureFrames(frames);
if (members > 0) await measureIndex(members);
