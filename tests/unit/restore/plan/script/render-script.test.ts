import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../../../restore/archive/set-schema.ts';
import type { Layout } from '../../../../../restore/layout/schema.ts';
import { describePlan } from '../../../../../restore/plan/describe-action.ts';
import { planPart } from '../../../../../restore/plan/part/scope.ts';
import { planRestore } from '../../../../../restore/plan/plan.ts';
import { renderScript } from '../../../../../restore/plan/script/render-script.ts';
import type { Plan } from '../../../../../restore/plan/step.ts';
import { biosGptMachine, biosMachine, manifestOf, setOf, targetDisk, uefiMachine } from '../machines.ts';
import { complaints } from './shellcheck.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-script-'));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

function scriptFile(plan: Plan, manifest: Manifest): string {
  const file = join(work, 'restore.sh');
  writeFileSync(file, renderScript({ plan, sets: [{ set: plan.set, manifest, directory: null }] }));
  return file;
}

function planned(layout: Layout, changes = {}): Plan {
  const targets = [{ source: 'disk0', disk: targetDisk(changes) }];
  const here = { firmware: layout.boot.firmware, bootEntries: [], partitionIds: [] };
  return planRestore({ set: setOf(layout), manifest: manifestOf(layout), layout, targets, here });
}

const machines = { 'BIOS, MBR': biosMachine(), 'UEFI, GPT': uefiMachine(), 'BIOS, GPT': biosGptMachine() };

describe('[C7] the script of a plan', () => {
  it.each(Object.entries(machines))('is clean to ShellCheck and says each step and command: %s', (_, layout) => {
    const plan = planned(layout, { serial: "it's $HOME `x`", contents: ["ntfs 'C:\\' $(reboot)"] });
    const file = scriptFile(plan, manifestOf(layout));
    expect(complaints(file)).toBe('');
    const text = readFileSync(file, 'utf8');
    for (const { title } of plan.steps) expect(text).toContain(title.replaceAll("'", "'\\''"));
    expect(text.indexOf('\nconfirm vda')).toBeGreaterThan(text.indexOf('\n(cd "$SET" && sha256sum'));
    expect(text.indexOf('\nsay ')).toBeGreaterThan(0);
    expect(text.indexOf('\nwipefs')).toBeGreaterThan(text.indexOf('\nconfirm vda'));
    expect(text.indexOf('\nrelease_disk /dev/vda')).toBeGreaterThan(text.indexOf('\nconfirm vda'));
  });

  it('has the partition table to the letter', () => {
    const plan = planned(biosMachine());
    const input = plan.steps.flatMap(({ actions }) =>
      actions.flatMap((each) => (each.type === 'run' && each.input !== undefined ? [each.input] : [])),
    );
    const text = readFileSync(scriptFile(plan, manifestOf(biosMachine())), 'utf8');
    expect(input.length).toBeGreaterThan(0);
    for (const table of input) expect(text).toContain(`<<'INPUT'\n${table.trimEnd()}\nINPUT\n`);
  });

  it('the plan for people names what is lost and every command', () => {
    const plan = planned(uefiMachine(), { contents: ['ntfs "C" 80 GB'] });
    const text = describePlan(plan).join('\n');
    expect(text).toContain('everything on it will be destroyed: ntfs "C" 80 GB');
    expect(text).toContain('$ efibootmgr --quiet --create --disk /dev/vda --part 1');
    expect(text).toContain('  | label: gpt');
    expect(text).toContain('prove that /mnt/target can boot from /dev/vda');
  });
});

describe('[C7] [C12] the script of a part', () => {
  it.each(['files', 'boot-loader'] as const)('asks once, for what it is, and wipes nothing: %s', (scope) => {
    const layout = biosMachine();
    const targets = [{ source: 'disk0', disk: targetDisk() }];
    const plan = planPart({ set: setOf(layout), manifest: manifestOf(layout), layout, targets }, scope);
    const file = scriptFile(plan, manifestOf(layout));
    expect(complaints(file)).toBe('');
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/^(confirm |wipefs|sfdisk|mke2fs)/m);
    expect(text.match(/^confirm_part vda .*$/m)?.[0]).toContain(scope === 'files' ? 'same names' : 'boot code of vda');
    expect(text.indexOf('\nassert_device /dev/vda6')).toBeGreaterThan(text.indexOf('\nconfirm_part vda'));
  });
});

describe('[C7] [C15] the pipeline of the script', () => {
  it.each([
    ['the parts', 'false', 'cat', 'cat > /dev/null'],
    ['the key', 'echo x', 'false', 'cat > /dev/null'],
    ['zstd', 'echo no zstd', 'cat', 'cat > /dev/null'],
    ['tar', 'echo x | zstd -qc', 'cat', 'false'],
  ])('stops when %s fails', (_, parts, decrypt, tar) => {
    const text = readFileSync(scriptFile(planned(biosMachine()), manifestOf(biosMachine())), 'utf8');
    const functions = text.slice(text.indexOf('die() {'), text.indexOf('# PARTS AT:'));
    const script = `set -eu\n${functions}\ndecrypt() { ${decrypt}; }\nparts() { ${parts}; }\nextract parts sh -c '${tar}'\necho went on`;
    const { status, stdout, stderr } = spawnSync('dash', ['-c', script], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).not.toContain('went on');
    expect(stderr).toContain('not extracted to its end');
  });

  it('goes on when all four end well', () => {
    const text = readFileSync(scriptFile(planned(biosMachine()), manifestOf(biosMachine())), 'utf8');
    const functions = text.slice(text.indexOf('die() {'), text.indexOf('# PARTS AT:'));
    const script = `set -eu\n${functions}\ndecrypt() { cat; }\nparts() { echo x | zstd -qc; }\nextract parts cat\necho went on`;
    expect(spawnSync('dash', ['-c', script], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: 'went on\n',
      stderr: 'x\n',
    });
  });
});
