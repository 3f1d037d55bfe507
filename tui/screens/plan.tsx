import { Box, Text, useInput } from 'ink';
import { useState } from 'react';
import { formatBytes } from '../../common/format.ts';
import type { Report } from '../../restore/execute/protocol.ts';
import type { Plan } from '../../restore/plan/step.ts';
import { refusalOf } from '../client.ts';
import { Frame } from '../components/frame.tsx';
import { Refusal } from '../components/refusal.tsx';
import { useEngineState, useScreen } from '../context.ts';

interface Line {
  text: string;
  color?: string;
}

/** The plan as lines: what is lost first, warnings, then every step. */
export function linesOf(plan: Plan): Line[] {
  const lines: Line[] = plan.targets.map(({ disk }) => ({
    text: `Everything on ${disk.name}  ${disk.model}  serial ${disk.serial ?? 'none'}  ${formatBytes(disk.sizeBytes)}  will be destroyed:`,
    color: 'red',
  }));
  for (const { disk } of plan.targets)
    lines.push({ text: `  ${disk.contents.length > 0 ? disk.contents.join(', ') : 'it is empty'}`, color: 'red' });
  for (const warning of plan.warnings) lines.push({ text: `! ${warning}`, color: 'yellow' });
  lines.push({ text: '' });
  for (const [index, step] of plan.steps.entries())
    lines.push({ text: `${String(index + 1).padStart(3)}  ${step.title.padEnd(50)} ${step.target}` });
  return lines;
}

/** Cuts long lines where the screen ends; the rest goes on below, indented. */
function wrap(lines: readonly Line[], width: number): Line[] {
  return lines.flatMap((line) => {
    const parts: Line[] = [];
    for (let rest = line.text, indent = ''; ; ) {
      const piece = indent + rest.slice(0, width - indent.length);
      parts.push({ ...line, text: piece.trimEnd() });
      rest = rest.slice(width - indent.length);
      if (rest.trim() === '') return parts;
      indent = '     ';
    }
  });
}

export function PlanScreen({ readOnly }: { readOnly: boolean }) {
  const { client, go, size, glyphs } = useScreen();
  const state = useEngineState();
  const [typed, setTyped] = useState('');
  const [from, setFrom] = useState(0);
  const [refusal, setRefusal] = useState<Report | null>(null);
  const plan = state?.plan ?? null;
  const page = size.rows - (readOnly ? 8 : 12);
  const lines = plan ? wrap(linesOf(plan), size.columns - 6) : [];
  const most = Math.max(0, lines.length - page);
  const start = (): void => {
    if (!plan) return;
    client.ask({ command: 'start', digest: plan.digest, confirm: typed }).then(
      () => go({ name: 'menu' }),
      (error: unknown) => {
        setRefusal(refusalOf(error));
        setTyped('');
      },
    );
  };
  useInput((input, key) => {
    if (key.escape) go({ name: 'menu' });
    else if (key.upArrow) setFrom(Math.max(0, from - 1));
    else if (key.downArrow) setFrom(Math.min(most, from + 1));
    else if (key.pageUp) setFrom(Math.max(0, from - page));
    else if (key.pageDown) setFrom(Math.min(most, from + page));
    else if (!readOnly && key.return) {
      if (typed !== '') start();
    } else if (!readOnly && (key.backspace || key.delete)) setTyped(typed.slice(0, -1));
    // A slow line may bring several keys at once, Enter among them: the letters count, Enter must come alone.
    else if (!readOnly && !key.ctrl && !key.meta) setTyped(typed + input.replaceAll(/[^\w-]/g, ''));
  });
  const scroll =
    lines.length > page ? `${from + 1}-${Math.min(lines.length, from + page)} of ${lines.length} lines` : '';
  return (
    <Frame
      title={`${readOnly ? 'The plan' : `Restore ${glyphs.dot} the plan`}`}
      aside={readOnly ? scroll : `${scroll}   step 2 of 4`}
      keys={`PgUp PgDn ${glyphs.upDown} scroll   Esc back, nothing is written yet   ! shell`}
    >
      <Text> </Text>
      <Box flexDirection="column" flexGrow={1}>
        {lines.slice(from, from + page).map((line) => (
          <Text key={line.text} wrap="truncate" {...(line.color ? { color: line.color } : {})}>
            {'   '}
            {line.text}
          </Text>
        ))}
      </Box>
      {refusal && <Refusal report={refusal} />}
      {!readOnly && plan && (
        <Text bold>
          {'   '}Type the disk's name ({plan.targets[0]?.disk.name}) and Enter to start: {typed}_
        </Text>
      )}
    </Frame>
  );
}
