import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Facts } from './facts.ts';
import { renderReport } from './render.ts';

export const reportName = 'report.html';

/**
 * Writes report.html: whole or not at all. Readable by everybody, for whoever opens the disc in a browser is not root.
 * @returns its path
 */
export async function writeReport(directory: string, facts: Facts): Promise<string> {
  const file = join(directory, reportName);
  const part = `${file}.part-${process.pid}`;
  try {
    const handle = await open(part, 'w', 0o644);
    try {
      await handle.writeFile(renderReport(facts));
      await handle.chmod(0o644);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return file;
}
