// By hand: makes a stacked source machine.
import { type StackName, stackImages } from './sources/stack-image.ts';
import { stackShapes } from './sources/stack-shapes.ts';

for (const name of process.argv.slice(2) as StackName[]) console.log(await stackImages(name, stackShapes[name], 2000));
