import { readlinkSync } from 'node:fs';
import { render, Text, useInput } from 'ink';
import { createElement, useState } from 'react';
import { findSize } from '../../tui/terminal.ts';

process.env.REKINDLE_CONSOLE = readlinkSync('/proc/self/fd/0').replace('/dev/', '');
let resized = 0;
process.stdout.on('resize', () => {
  resized += 1;
});
const { columns, rows } = await findSize({ input: process.stdin, output: process.stdout });

function Typed() {
  const [typed, setTyped] = useState('');
  useInput((input) => setTyped(typed + input));
  return createElement(Text, null, `typed: ${typed} of ${columns}x${rows}, resized ${resized} times`);
}

render(createElement(Typed), { exitOnCtrlC: false, interactive: true });
