import { TarFormatError } from './tar-header.ts';

/** Keys and values as bytes in latin1. */
export type PaxRecords = ReadonlyMap<string, string>;

/**
 * What a pax header says of the next member (pax(1)): '<length> <key>=<value>\n' records. As strict as can be: where another
 * reader could see another record, it throws.
 * @param offset of the content in the stream, bytes. @throws TarFormatError
 */
export function parsePaxRecords(content: Buffer, offset: number): PaxRecords {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const digits = content.toString('latin1', at, space < 0 ? at : space);
    const end = at + Number(digits);
    const equals = content.indexOf(0x3d, space + 1);
    // GNU tar skips blanks before a key.
    const keyStart = content[space + 1];
    const sound =
      /^[1-9][0-9]{0,9}$/.test(digits) &&
      end <= content.length &&
      equals > space + 1 &&
      equals < end - 1 &&
      keyStart !== 0x20 &&
      keyStart !== 0x09 &&
      content[end - 1] === 0x0a;
    if (!sound) throw new TarFormatError(offset + at, 'a record of a pax header is malformed');
    records.set(content.toString('latin1', space + 1, equals), content.toString('latin1', equals + 1, end - 1));
    at = end;
  }
  return records;
}
