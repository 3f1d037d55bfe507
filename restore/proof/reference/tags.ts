import type { Device } from '../device.ts';

export interface Tag {
  name: 'uuid' | 'label' | 'partuuid' | 'partlabel';
  value: string;
}

/** Quotes around the whole, or around the value of a tag. A quote inside belongs to the name. */
export function unquoted(text: string): string {
  const bare = (word: string): string => /^(["'])(.*)\1$/s.exec(word)?.[2] ?? word;
  const whole = bare(text.trim());
  const [, name, value] = /^(\w+=)(.*)$/s.exec(whole) ?? [];
  return name === undefined || value === undefined ? whole : name + bare(value);
}

/** 'UUID=...' or '/dev/disk/by-uuid/...'; null for anything else. Ids in lower case. */
export function tagOf(spec: string): Tag | null {
  const written = /^(UUID|LABEL|PARTUUID|PARTLABEL)=(.*)$/is.exec(spec);
  const link = written === null ? /^\/dev\/disk\/by-(uuid|label|partuuid|partlabel)\/(.*)$/s.exec(spec) : null;
  const [, name = '', value = ''] = written ?? link ?? [];
  if (name === '') return null;
  const tag = name.toLowerCase() as Tag['name'];
  if (!tag.endsWith('label')) return { name: tag, value: value.toLowerCase() };
  // udev writes what no file name may hold as \x20 (udev's encode_devnode_name).
  return { name: tag, value: link === null ? value : undoHex(value) };
}

/** Bytes as '\x20'; several may be one letter in UTF-8. */
function undoHex(text: string): string {
  const bytes = Buffer.from(text).toString('latin1');
  const plain = bytes.replaceAll(/\\x([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(plain, 'latin1').toString('utf8');
}

const values: Readonly<Record<Tag['name'], (device: Device) => string | null>> = {
  uuid: ({ uuid }) => uuid,
  label: ({ label }) => label,
  partuuid: ({ partitionId }) => partitionId,
  partlabel: ({ partitionLabel }) => partitionLabel,
};
/** Parts of something larger carry ids that are not the file system's. */
const parts = /_member$/;

export function devicesWithTag({ name, value }: Tag, devices: readonly Device[]): Device[] {
  const isOfPart = name.startsWith('part');
  return devices.filter((device) => values[name](device) === value && (isOfPart || !parts.test(device.content ?? '')));
}
