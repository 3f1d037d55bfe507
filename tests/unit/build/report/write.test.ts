import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderReport } from '../../../../build/report/render.ts';
import { writeReport } from '../../../../build/report/write.ts';
import { temporaryDirectory } from '../temporary.ts';
import { sampleFacts } from './sample-facts.ts';

describe('[B16] report.html', () => {
  it('is complete, readable by everybody, and takes the place of an older one', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'report.html'), 'the last one', { mode: 0o600 });
    const file = await writeReport(directory, sampleFacts);
    expect(await readdir(directory)).toEqual(['report.html']);
    expect(await readFile(file, 'utf8')).toBe(renderReport(sampleFacts));
    expect((await stat(file)).mode & 0o777).toBe(0o644);
  });

  it('that cannot be put in place leaves nothing half done', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'report.html/in-the-way'), { recursive: true });
    await expect(writeReport(directory, sampleFacts)).rejects.toThrow();
    expect(await readdir(directory)).toEqual(['report.html']);
    expect(await readdir(join(directory, 'report.html'))).toEqual(['in-the-way']);
  });
});
