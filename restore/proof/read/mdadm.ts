import type { Root } from './root.ts';

/** An ARRAY line of mdadm.conf (mdadm.conf(5)). */
export interface MdadmArray {
  /** '/dev/md/0', '/dev/md0', '0'; null where the line has none, or is to be ignored. */
  name: string | null;
  uuid: string | null;
  /** 'ARRAY <ignore> ...': it is not to be put together. */
  ignored: boolean;
}

export interface MdadmConf {
  place: string | null;
  arrays: MdadmArray[];
  /** 'AUTO -all': only arrays with a line are put together. */
  onlyNamed: boolean;
}

/** The arrays that the machine expects. */
export function readMdadm(root: Root): MdadmConf {
  const place = root.firstFile(['/etc/mdadm/mdadm.conf', '/etc/mdadm.conf']);
  const folders = ['/etc/mdadm/mdadm.conf.d', '/etc/mdadm.conf.d'];
  const more = folders.flatMap((folder) =>
    root.list(folder).flatMap((name) => (name.endsWith('.conf') ? [`${folder}/${name}`] : [])),
  );
  const lines = [...(place === null ? [] : [place]), ...more].flatMap((path) => linesOf(root.text(path) ?? ''));
  return {
    place: place ?? more[0] ?? null,
    arrays: lines.flatMap((words) => (/^ARRAY$/i.test(words[0] ?? '') ? [arrayOf(words.slice(1))] : [])),
    onlyNamed: lines.some((words) => /^AUTO$/i.test(words[0] ?? '') && words.includes('-all')),
  };
}

/** A line that begins with a blank goes on with the one before; '#' begins a comment. */
function linesOf(text: string): string[][] {
  return text
    .replaceAll(/(^|\s)#.*$/gm, '$1')
    .replaceAll(/\n[ \t]+/g, ' ')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
}

function arrayOf(words: readonly string[]): MdadmArray {
  const [first = ''] = words;
  const name = first.includes('=') || first === '' ? null : first;
  const uuid = words.map((word) => /^uuid=(.+)$/i.exec(word)?.[1]).find((each) => each !== undefined);
  return { name: name === '<ignore>' ? null : name, uuid: uuid ?? null, ignored: name === '<ignore>' };
}
