import { useState } from 'react';
import { formatBytes, parseBytes } from '../../common/format.ts';
import type { Report } from '../../restore/execute/protocol.ts';
import type { Adjustable, Plan, Sizes } from '../../restore/plan/step.ts';
import { refusalOf } from '../client.ts';
import { windowAround } from '../components/choices.tsx';
import { drawDisk, withTitles } from '../components/disk-picture.ts';
import { Frame } from '../components/frame.tsx';
import { countRows, Line, type LineProps, Lines, useRoom } from '../components/line.tsx';
import { Refusal } from '../components/refusal.tsx';
import { useKeys, useScreen } from '../context.ts';
import { planAgain } from './plan-again.ts';
import { stepWords } from './steps.ts';

const mebibyte = 2 ** 20;

/** Frame, blank rows, how many there are in all, the question and what is said to it. */
const rowsAround = 12;

/** A typed size in whole MiB, or why it cannot be; what the disks have is the engine's to say. */
export function readSize(text: string, { minimum, maximum }: Adjustable): { bytes: number } | { problem: string } {
  const typed = parseBytes(text);
  if (typed === null) return { problem: 'a size such as 22GB, 500M or 20GiB' };
  // "At least 17.9 GB" as it is shown must be taken as typed.
  const bytes = Math.round(typed / mebibyte) * mebibyte;
  const least = Math.ceil(minimum / mebibyte) * mebibyte;
  if (bytes < least) {
    const isShownSize = formatBytes(bytes) === formatBytes(least);
    return isShownSize ? { bytes: least } : { problem: `too small: at least ${formatBytes(least)}` };
  }
  if (maximum !== null && bytes > maximum) return { problem: `too large: at most ${formatBytes(maximum)}` };
  return { bytes };
}

/** Gives single file systems another size; each change is planned anew, nothing is written. */
export function SizesScreen({ plan, step }: { plan: Plan; step: number | undefined }) {
  const room = useRoom();
  const { client, go, glyphs, size } = useScreen();
  const [cursor, setCursor] = useState(0);
  const [typed, setTyped] = useState('');
  const [refusal, setRefusal] = useState<Report | null>(null);
  const items = plan.adjustable ?? [];
  const item = items[cursor];
  const wishes = plan.asked?.wishes ?? {};
  const replan = (wanted: Record<string, number>): void => {
    const sizes: Sizes = { ...plan.asked, wishes: wanted };
    setTyped('');
    setRefusal(null);
    client.ask(planAgain(plan, sizes)).catch((error: unknown) => setRefusal(refusalOf(error)));
  };
  const take = (): void => {
    if (item === undefined || typed === '') return;
    const read = readSize(typed, item);
    if ('bytes' in read) replan({ ...wishes, [item.node]: read.bytes });
  };
  const forget = (): void => {
    if (item === undefined) return;
    replan(Object.fromEntries(Object.entries(wishes).filter(([node]) => node !== item.node)));
  };
  useKeys((input, key) => {
    if (key.escape) go({ name: 'plan', readOnly: false, step });
    else if (key.upArrow || key.downArrow) {
      setCursor(Math.min(items.length - 1, Math.max(0, cursor + (key.upArrow ? -1 : 1))));
      setTyped('');
    } else if (key.return) take();
    else if (key.backspace || key.delete) setTyped(typed.slice(0, -1));
    else if (input === 'r' && typed === '') forget();
    else if (!key.meta && !key.tab) setTyped(typed + input.replaceAll(/[^\d.a-z ]/gi, ''));
  });
  const titles = plan.targets.map(({ disk }) => disk.name);
  const drawing = withTitles({ width: size.columns - 4, glyphs }, titles);
  const list = items.map((each, index): LineProps => {
    const color = each.node in wishes ? 'yellow' : undefined;
    const pointer = index === cursor ? glyphs.pointer : ' ';
    return { indent: 3, hanging: 4, bold: index === cursor, color, text: `${pointer} ${describe(each)}` };
  });
  const pictures = (plan.pictures ?? [])
    .flatMap(({ after }, index) => drawDisk(nameOf(plan, index), after, drawing))
    .map((line): LineProps => ({ ...line, indent: 3 }));
  const heights = list.map((line) => countRows([line], room));
  const [from, to] = windowAround(heights, cursor, size.rows - rowsAround - countRows(pictures, room));
  return (
    <Frame
      title={`Restore ${glyphs.dot} sizes`}
      aside={`choosing writes nothing   ${stepWords(step, step)}`.trimEnd()}
      keys={`${glyphs.upDown} choose   Enter take the size   r as it was   Esc back to the plan`}
    >
      <Line />
      <Lines lines={list.slice(from, to)} />
      {to - from < list.length && (
        <Line indent={5} dim text={`${list.length} in all: ${glyphs.upDown} shows the others`} />
      )}
      <Line />
      <Lines lines={pictures} />
      <Line />
      {item && <Line bold indent={3} text={`New size of ${item.name}: ${typed}_${verdict(typed, item)}`} />}
      {refusal && <Refusal report={refusal} />}
    </Frame>
  );
}

function nameOf(plan: Plan, index: number): string {
  return plan.targets[index]?.disk.name ?? '';
}

/** '/             40.0 GB -> 22.0 GB   holds 17.3 GB, at least 19.1 GB' */
function describe({ name, saved, planned, holds, minimum }: Adjustable): string {
  const change = planned === saved ? formatBytes(saved) : `${formatBytes(saved)} -> ${formatBytes(planned)}`;
  const content = holds === null ? '' : `holds ${formatBytes(holds)}, `;
  return `${name.padEnd(16)} ${change.padEnd(22)} ${content}at least ${formatBytes(Math.ceil(minimum / mebibyte) * mebibyte)}`;
}

function verdict(typed: string, item: Adjustable): string {
  if (typed === '') return '';
  const read = readSize(typed, item);
  return 'bytes' in read ? `   = ${formatBytes(read.bytes)}` : `   ${read.problem}`;
}
