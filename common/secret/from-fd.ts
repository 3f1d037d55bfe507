import { read } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { RekindleError } from '../errors/error.ts';

const readBytes = promisify(read);
/** More is no passphrase but a wrong file descriptor. */
const longest = 4096;
/** A pipe that somebody else made non-blocking is asked again. */
const retryMs = 20;

/** One byte, null at the end. One at a time: what comes after the newline stays for the next reader. */
async function readByte(fd: number): Promise<number | null> {
  const buffer = Buffer.alloc(1);
  for (;;) {
    try {
      const { bytesRead } = await readBytes(fd, buffer, 0, 1, null);
      return bytesRead === 0 ? null : buffer.readUInt8();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      await sleep(retryMs);
    }
  }
}

/** Everything up to the first newline or the end, exactly as it is. @throws RekindleError RK329 */
export async function secretFromFd(fd: number): Promise<string> {
  const from = `file descriptor ${fd}`;
  if (isatty(fd)) throw new RekindleError('RK329', `${from} is a terminal, which would show what is typed`);
  const bytes: number[] = [];
  try {
    for (let byte = await readByte(fd); byte !== null && byte !== 0x0a; byte = await readByte(fd)) {
      bytes.push(byte);
      if (bytes.length > longest)
        throw new RekindleError('RK329', `${from} holds no newline in its first ${longest} bytes`);
    }
    const secret = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes));
    if (secret === '') throw new RekindleError('RK329', `${from} holds an empty line`);
    return secret;
  } catch (error) {
    if (error instanceof RekindleError) throw error;
    // Replacing bytes that are not UTF-8 would make another passphrase of it, without a word.
    const words =
      error instanceof TypeError ? 'what it holds is not UTF-8' : error instanceof Error ? error.message : '';
    throw new RekindleError('RK329', `${from}: ${words}`);
  }
}
