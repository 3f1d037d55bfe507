import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A boot entry of the firmware (UEFI specification 3.1.3, EFI_LOAD_OPTION). */
export interface BootEntry {
  /** '0003', as efibootmgr writes it. */
  number: string;
  label: string;
  /** GPT partition GUID in lower case, or the MBR signature with its partition ('1234abcd-01'); null for no disk. */
  partition: string | null;
  /** '\\EFI\\debian\\shimx64.efi'; null for no file. */
  loader: string | null;
  /** Whether BootOrder names it. */
  ordered: boolean;
}

const globalVariable = '8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** All Boot#### variables, those of BootOrder first, in its order. @param directory a mounted efivarfs */
export async function readBootEntries(directory: string): Promise<BootEntry[]> {
  const names = (await readdir(directory)).sort();
  const order = names.includes(`BootOrder-${globalVariable}`)
    ? parseOrder(await readFile(join(directory, `BootOrder-${globalVariable}`)))
    : [];
  const entries: BootEntry[] = [];
  for (const name of names) {
    const number = /^Boot([0-9A-F]{4})-(.*)$/.exec(name);
    if (number?.[1] === undefined || number[2] !== globalVariable) continue;
    const option = parseLoadOption(await readFile(join(directory, name)));
    if (option !== null) entries.push({ number: number[1], ...option, ordered: order.includes(number[1]) });
  }
  const rank = (entry: BootEntry) => (entry.ordered ? order.indexOf(entry.number) : order.length);
  return entries.sort((left, right) => rank(left) - rank(right));
}

/** efivarfs puts four bytes of attributes before each value. */
const attributeBytes = 4;

function parseOrder(variable: Buffer): string[] {
  const order: string[] = [];
  for (let at = attributeBytes; at + 2 <= variable.length; at += 2) {
    order.push(variable.readUInt16LE(at).toString(16).toUpperCase().padStart(4, '0'));
  }
  return order;
}

/** Null for what is no load option: firmware holds surprises, and a foreign entry must not stop a restore. */
export function parseLoadOption(variable: Buffer): Pick<BootEntry, 'label' | 'partition' | 'loader'> | null {
  const header = attributeBytes + 4 + 2;
  if (variable.length < header + 2) return null;
  const pathLength = variable.readUInt16LE(attributeBytes + 4);
  let at = header;
  while (at + 2 <= variable.length && variable.readUInt16LE(at) !== 0) at += 2;
  const label = variable.toString('utf16le', header, at);
  const path = variable.subarray(at + 2, at + 2 + pathLength);
  let partition: string | null = null;
  let loader: string | null = null;
  for (let node = 0; node + 4 <= path.length; ) {
    const type = path.readUInt8(node);
    const subtype = path.readUInt8(node + 1);
    const length = path.readUInt16LE(node + 2);
    if (length < 4 || node + length > path.length) break;
    const body = path.subarray(node + 4, node + length);
    if (type === 4 && subtype === 1 && body.length >= 38) partition = parseHardDrive(body);
    if (type === 4 && subtype === 4) loader = (loader ?? '') + body.toString('utf16le').replace(/\0.*$/s, '');
    node += length;
  }
  return { label, partition, loader };
}

/** UEFI specification 10.3.5.1: number, start, size, signature, format, signature type. */
function parseHardDrive(body: Buffer): string | null {
  const number = body.readUInt32LE(0);
  const signature = body.subarray(20, 36);
  const signatureType = body.readUInt8(37);
  if (signatureType === 2) return guidText(signature);
  if (signatureType !== 1) return null;
  const id = signature.readUInt32LE(0).toString(16).padStart(8, '0');
  return `${id}-${number.toString(16).padStart(2, '0')}`;
}

/** The first three groups of a GUID are little-endian. */
function guidText(bytes: Buffer): string {
  const group = (from: number, to: number, swap: boolean) => {
    const part = Buffer.from(bytes.subarray(from, to));
    return (swap ? part.reverse() : part).toString('hex');
  };
  return [group(0, 4, true), group(4, 6, true), group(6, 8, true), group(8, 10, false), group(10, 16, false)].join('-');
}
