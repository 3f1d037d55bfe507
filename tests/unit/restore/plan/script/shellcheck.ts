import { spawnSync } from 'node:child_process';

/** All that ShellCheck and two shells have against it. */
export function complaints(file: string): string {
  const checks = [
    spawnSync('shellcheck', ['--shell=sh', file], { encoding: 'utf8' }),
    spawnSync('dash', ['-n', file], { encoding: 'utf8' }),
    spawnSync('bash', ['--posix', '-n', file], { encoding: 'utf8' }),
  ];
  return checks.map(({ status, stdout, stderr }) => (status === 0 ? '' : `${stdout}${stderr}`)).join('');
}
