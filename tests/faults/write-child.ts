// Started by the fault tests: one file of 128 MiB onto one volume, as archives are written.
import { VolumeWriter } from '../../restore/archive/volumes/volume-writer.ts';

const [directory = ''] = process.argv.slice(2);
const file = new VolumeWriter({ directory: () => directory, capacity: null }).open('archives/large');
try {
  for (let written = 0; written < 32; written += 1) await file.write(Buffer.alloc(4 << 20));
  await file.close();
  console.log('written');
} catch (error) {
  await file.dispose();
  console.log(`failed ${error instanceof Error && 'code' in error ? error.code : error}`);
}
