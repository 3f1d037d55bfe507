import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Argument, Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { configFile, configSchema } from '../../../build/config.ts';
import { defaultSnapshot } from '../../../build/consistency.ts';
import { defaultKeep } from '../../../build/snapshots/keep.ts';
import { defaultLevel } from '../../../build/snapshots/lineage.ts';
import { makeProgram } from '../../../cli/commands.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/command-line.md'), 'utf8');
const program = makeProgram(() => undefined);
const commands = program.commands.filter((command) => !hidden(command));

/** commander keeps it to itself, but for its own help. */
function hidden(command: Command): boolean {
  return !program.createHelp().visibleCommands(program).includes(command);
}

/** '--level full|incremental', '--make [TYPE]', '--json': as the manual writes an option. */
function signatureOf({ long, flags, argChoices, optional }: Option): string {
  const name = /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1];
  if (name === undefined) return long ?? flags;
  const value = argChoices?.join('|') ?? name.toUpperCase();
  return `${long} ${optional ? `[${value}]` : value}`;
}

function argumentOf(argument: Argument): string {
  return `${argument.name().toUpperCase()}${argument.variadic ? '...' : ''}`;
}

interface Row {
  signature: string;
  meaning: string;
  without: string;
}

/** Rows of the tables of a command: of each heading "Options of `verify`, `list` and `extract`" that names it. */
function rowsOf(name: string): Row[] {
  const sections = page.split(/^#{2,3} /m).filter((section) => /^Options of `/.test(section));
  const own = sections.filter((section) => section.split('\n', 1)[0]?.includes(`\`${name}\``));
  return own.flatMap((section) =>
    [...section.matchAll(/^\| `(--(?:[^`])+)` \| (.*?) \| ?(.*?) ?\|$/gm)].map(
      ([, signature = '', meaning = '', without = '']) => ({
        signature: signature.replaceAll('\\|', '|'),
        meaning,
        without,
      }),
    ),
  );
}

const optionsOf = (command: Command): Option[] => command.options.filter(({ long }) => long !== '--help');

describe('[G5] docs/command-line.md', () => {
  it('has every command with its arguments and what it must be given', () => {
    const rows = [...page.matchAll(/^\| `rekindle (\w+)((?: [^`]*)?)` \| .+ \|$/gm)];
    expect(rows.map(([, name]) => name).toSorted()).toEqual(commands.map((command) => command.name()).toSorted());
    for (const [, name, words = ''] of rows) {
      const command = commands.find((each) => each.name() === name);
      for (const argument of command?.registeredArguments ?? []) expect(words, name).toContain(argumentOf(argument));
      for (const option of (command?.options ?? []).filter(({ mandatory }) => mandatory))
        expect(words, name).toContain(signatureOf(option));
    }
  });

  it.each(commands.map((command) => [command.name(), command] as const))(
    '%s has every option, with its argument and its choices, and no other',
    (name, command) => {
      const written = rowsOf(name).map(({ signature }) => signature);
      expect(written.toSorted()).toEqual(optionsOf(command).map(signatureOf).toSorted());
    },
  );

  it.each(commands.map((command) => [command.name(), command] as const))(
    '%s says which options may be repeated, and which must be given',
    (name, command) => {
      for (const option of optionsOf(command)) {
        const row = rowsOf(name).find(({ signature }) => signature === signatureOf(option));
        const repeated = /may be repeated/.test(option.description);
        expect({ option: option.long, repeated: /may be repeated/.test(row?.meaning ?? '') }).toEqual({
          option: option.long,
          repeated,
        });
        if (option.mandatory) expect(row?.without, option.long).toBe('it must be given');
      }
    },
  );

  it('names the options that stand before a command', () => {
    for (const { long } of program.options) expect(page).toContain(`${long}\``);
  });

  it('has the defaults of create as they are', () => {
    const without = (long: string): string | undefined =>
      rowsOf('create').find(({ signature }) => signature.startsWith(`--${long} `))?.without;
    expect(without('level')).toBe(`\`${defaultLevel}\``);
    expect(without('snapshot')).toBe(`\`${defaultSnapshot}\``);
    expect(without('keep')).toBe(`\`full=${defaultKeep.full},incremental=${defaultKeep.incremental}\``);
    expect(without('config')).toContain(`\`${configFile}\``);
  });

  it('has each key of the settings, which is an option of create', () => {
    const section = /^## Settings\n([\s\S]*?)^## /m.exec(page)?.[1] ?? '';
    const rows = [...section.matchAll(/^\| `([\w-]+)` \| (?:`(--[\w-]+)`|none) \| .+ \|$/gm)];
    expect(rows.map(([, key]) => key).toSorted()).toEqual(Object.keys(configSchema.shape).toSorted());
    const create = commands.find((command) => command.name() === 'create');
    const known = create?.options.map(({ long }) => long) ?? [];
    for (const [, key, option] of rows) {
      if (option === undefined) expect(key).toBe('hooks');
      else expect(known, key).toContain(option);
    }
    const hooks = rows.length > 0 ? /^\| `hooks` .*$/m.exec(section)?.[0] : '';
    for (const key of Object.keys(configSchema.shape.hooks.unwrap().shape)) expect(hooks).toContain(`\`${key}\``);
  });

  it('has an example of settings that the settings would take', async () => {
    const { parse } = await import('smol-toml');
    const example = /```toml\n(to = [\s\S]*?)```/.exec(page)?.[1] ?? '';
    expect(configSchema.parse(parse(example))).toMatchObject({ 'volume-size': '25G' });
  });
});
