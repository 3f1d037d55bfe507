import { open } from 'node:fs/promises';

/**
 * The volume group that an LVM physical volume belongs to, read from the text metadata in its first MiB: the rescue
 * may have no LVM tools and must not activate anything. Null when it is not readable.
 */
export async function volumeGroupName(device: string): Promise<string | null> {
  const file = await open(device, 'r').catch(() => null);
  if (file === null) return null;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2 ** 20), 0, 2 ** 20, 0);
    const text = buffer.toString('latin1', 0, bytesRead);
    return /([\w.+-]+) \{\nid = "[\w-]{38}"\nseqno = /.exec(text)?.[1] ?? null;
  } catch {
    return null;
  } finally {
    await file.close();
  }
}
