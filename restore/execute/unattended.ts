import { isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RekindleError, reportOf } from '../../common/errors/error.ts';
import { readNamedFile } from '../../common/files/read-named-file.ts';
import { readSmallFile } from '../../common/files/read-small-file.ts';
import type { TargetDisk } from '../plan/step.ts';
import { type AnswerFile, matchDisks, readAnswerFile } from './answer-file.ts';
import { answerOfSet } from './answer-of-set.ts';
import type { Engine } from './engine.ts';
import { log } from './log.ts';

const defaultAnswer = { afterwards: 'reboot', countdown: 10 } as const;

/** Bytes: key files of 8 MiB are the most that cryptsetup takes. */
const longestSecret = 8 << 20;

/** Fits on a line of the screen. */
export const wipesAgain = 'Not restarted: a medium left in the drive would restore again.';

export interface UnattendedOptions {
  engine: Engine;
  /** rekindle.answer=: a path on the medium. */
  answerPath: string | undefined;
  medium: string;
  power: (action: 'reboot' | 'poweroff') => void;
  /** UUID of the set that was restored onto these devices, or below them; null where none can be seen. */
  lookForMarker: (devices: readonly string[]) => Promise<string | null>;
}

/** `rekindle.auto=restore`: plan, countdown, restore, then what the answer file says. Any refusal leaves the menu. */
export class Unattended {
  readonly #options: UnattendedOptions;
  #stopped = false;

  constructor(options: UnattendedOptions) {
    this.#options = options;
  }

  /** Any key on any menu. */
  stop(): void {
    if (this.#options.engine.state.countdown === null) return;
    this.#stopped = true;
    this.#options.engine.state.countdown = null;
    log('the unattended restore was stopped by a key');
    this.#options.engine.changed();
  }

  async run(): Promise<void> {
    const { engine, power } = this.#options;
    try {
      const answer = await this.#readAnswer();
      await engine.findSets();
      const start = (await this.#goOn(answer)) ?? (await this.#begin(answer));
      if (!(await this.#countDown(answer?.countdown ?? defaultAnswer.countdown))) return;
      start();
      while (engine.state.phase === 'restoring') await sleep(250);
      const afterwards = answer?.afterwards ?? defaultAnswer.afterwards;
      if (engine.state.phase !== 'restored') return;
      // Whoever finds a machine that does not start must find out why, here and not after the reboot.
      const unproven = engine.state.proof.filter(({ result }) => result === 'fail').map(({ title }) => title);
      if (unproven.length > 0) log(`not restarted: it could not be proven that ${unproven.join('; ')}`);
      else if (afterwards === 'reboot' && !(await this.#isSeenAtNextStart())) this.#warn(wipesAgain);
      else if (afterwards !== 'menu') power(afterwards);
    } catch (error) {
      const report = reportOf(error);
      log(`unattended restore: ${report.message} ${report.cause} [${report.code}]`);
      engine.state.problem = report;
      engine.changed();
    }
  }

  async #begin(answer: AnswerFile | null): Promise<() => void> {
    const { engine } = this.#options;
    const plan = await engine.plan(await this.#chooseTargets(answer), { larger: answer?.larger ?? 'keep' });
    await this.#giveSecrets(answer);
    return () => engine.start(plan.digest, plan.targets[0]?.disk.name ?? '');
  }

  /** With what a power cut ended, where the very disks are meant that it was for. */
  async #goOn(answer: AnswerFile | null): Promise<(() => void) | null> {
    const { engine } = this.#options;
    const { plan, continueAt, unproven = null } = engine.state;
    if (plan === null || continueAt === null) return null;
    if (unproven !== null) {
      log('nothing proves that the restore which a disk remembers is ours: it begins anew');
      return null;
    }
    const here = await engine.listDisks();
    const meant = answer ? matchDisks(answer, here) : this.#onlyDisk(here);
    const isSame = (target: { source: string; disk: string }): boolean =>
      plan.targets.some(({ source, disk }) => source === target.source && disk.path === target.disk);
    if (meant.length !== plan.targets.length || !meant.every(isSame)) return null;
    await this.#giveSecrets(answer);
    log(`the restore that was interrupted goes on with: ${continueAt}`);
    return () => engine.continueRestore();
  }

  async #giveSecrets(answer: AnswerFile | null): Promise<void> {
    const { secrets } = this.#options.engine;
    for (const { name, file } of answer?.secret ?? []) await secrets.give(name, await this.#readSecret(name, file));
  }

  async #readAnswer(): Promise<AnswerFile | null> {
    const { engine, answerPath, medium } = this.#options;
    if (answerPath !== undefined) return readAnswerFile(join(medium, answerPath));
    const beside = await answerOfSet(engine.set, medium);
    return beside === null ? null : readAnswerFile(beside);
  }

  async #chooseTargets(answer: AnswerFile | null): Promise<{ source: string; disk: string }[]> {
    const { engine } = this.#options;
    const here = await engine.listDisks();
    const targets = answer ? matchDisks(answer, here) : this.#onlyDisk(here);
    for (const { disk } of targets) await this.#assertNotRestored(here.find(({ path }) => path === disk));
    return targets;
  }

  /** As cryptsetup reads a passphrase: up to the first newline. */
  async #readSecret(name: string, file: string): Promise<string> {
    // An absolute one is the user's: it may be a pipe ('/dev/fd/3').
    const path = isAbsolute(file) ? file : join(this.#options.medium, file);
    const read = isAbsolute(file)
      ? readNamedFile(path, { limit: longestSecret })
      : readSmallFile(path, { limit: longestSecret, followLink: true });
    const bytes = await read.catch((error: unknown) => {
      const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      // Not the path: whoever took the entry for the passphrase itself would read it in the log.
      throw new RekindleError('RK426', `the file that the answer file names for ${name} cannot be read${code}`);
    });
    return bytes.toString('utf8').split('\n')[0] ?? '';
  }

  /** Without an answer file only one saved disk and one disk that can take it leave no doubt. */
  #onlyDisk(here: readonly TargetDisk[]): { source: string; disk: string }[] {
    const layout = this.#options.engine.set?.layout;
    const possible = here.filter(({ refusal, removable }) => refusal === null && !removable);
    const [saved, disk] = [layout?.disks[0], possible[0]];
    if (layout?.disks.length !== 1 || !saved || possible.length !== 1 || !disk)
      throw new RekindleError(
        'RK462',
        `saved disks: ${layout?.disks.length ?? 0}; disks here that can be a target: ${possible.map(({ name }) => name).join(', ') || 'none'}`,
      );
    return [{ source: saved.id, disk: disk.path }];
  }

  /** What the start of this medium would find. */
  async #isSeenAtNextStart(): Promise<boolean> {
    const { engine } = this.#options;
    const targets = engine.state.plan?.targets.map(({ disk }) => disk.path) ?? [];
    for (const disk of await engine.listDisks())
      if (targets.includes(disk.path) && (await this.#isRestored(disk))) return true;
    return false;
  }

  #warn(warning: string): void {
    const { engine } = this.#options;
    log(`${warning} No marker of this restore can be seen on the disks without opening what they hold.`);
    engine.state.warnings.unshift(warning);
    engine.changed();
  }

  async #isRestored({ path, partitions = [] }: TargetDisk): Promise<boolean> {
    const set = this.#options.engine.set?.info.set;
    const below = partitions.length > 0 ? partitions : [path];
    return set !== undefined && (await this.#options.lookForMarker(below)) === set;
  }

  /** Could wipe a machine at each boot for ever: a disc that was left in the drive must not restore again. */
  async #assertNotRestored(disk: TargetDisk | undefined): Promise<void> {
    if (disk !== undefined && (await this.#isRestored(disk)))
      throw new RekindleError(
        'RK461',
        `${disk.name} (${disk.model}, serial ${disk.serial ?? 'none'}) holds set ${this.#options.engine.set?.info.set}`,
      );
  }

  /** False when a key stopped it. */
  async #countDown(seconds: number): Promise<boolean> {
    const { engine } = this.#options;
    for (let left = seconds; left > 0; left -= 1) {
      engine.state.countdown = left;
      engine.changed();
      await sleep(1000);
      if (this.#stopped) return false;
    }
    engine.state.countdown = null;
    return !this.#stopped;
  }
}
