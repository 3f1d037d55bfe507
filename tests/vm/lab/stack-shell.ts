import { run } from '../../../common/run.ts';

/** Shell lines for the real tools. $1, $2 ... are the disks; `vg TOOL` runs an LVM tool that sees only what lies on them. */
export async function stackShell(script: string, on: readonly string[]): Promise<void> {
  const accepted = [...on.map((disk) => `"a|^${disk}|"`), '"a|^/dev/mapper/|"', '"a|^/dev/md|"', '"r|.*|"'];
  const config = `devices{filter=[${accepted.join(',')}] use_devicesfile=0} backup{backup=0 archive=0} activation{monitoring=0}`;
  const vg = 'vg() { local tool=$1; shift; "$tool" --config "$LVM" "$@"; }';
  const env = { LVM: config };
  await run(['bash', '-ec', `set -o pipefail\n${vg}\n${script}`, 'stack', ...on], { env, timeoutMs: 1_800_000 });
}

/** Lines of a recipe name devices by $1: they are resolved by a shell. */
export async function deviceOf(text: string, on: readonly string[]): Promise<string> {
  const { stdout } = await run(['bash', '-c', `echo ${text}`, 'stack', ...on]);
  return stdout.trim();
}
