import { reportOf } from '../../common/errors/error.ts';
import { handedOnSealPath } from '../../common/medium-seal.ts';
import { run } from '../../common/run.ts';
import { isRoomToVerify } from '../archive/frame-memory.ts';
import { bakedKeysDirectory, initrdKeysDirectory } from '../archive/signature/trusted-keys.ts';
import { Engine } from './engine.ts';
import { log, openLog } from './log.ts';
import { markerBelowAny } from './marker-below.ts';
import { findSetDirectory, mediumDirectory, readKernelArguments } from './medium.ts';
import { type Command, engineSocket, logFile } from './protocol.ts';
import { type Answer, EngineServer } from './server.ts';
import { Unattended } from './unattended.ts';

const journalFile = '/run/rekindle/journal.jsonl';

/** Of the initrd where init left them: rd-base may have come from elsewhere. */
const trustedKeys = [initrdKeysDirectory, bakedKeysDirectory];

/** `rekindle engine`: started by PID 1, ends never. */
export async function runEngine(argv: readonly string[]): Promise<void> {
  const medium = argv[0] ?? mediumDirectory;
  const kernelArguments = await readKernelArguments();
  const files = { medium, journalFile, logFile, trustedKeys, sealFile: handedOnSealPath };
  const engine = new Engine({ ...files, onChange: () => server.publish() });
  const unattended = new Unattended({
    ...{ engine, medium, answerPath: kernelArguments.get('rekindle.answer'), power },
    lookForMarker: (devices) => markerBelowAny(devices, log),
  });
  const server = new EngineServer({
    path: engineSocket,
    state: () => engine.state,
    onCommand: (command) => carryOut(command, engine, unattended),
  });
  openLog(logFile, () => engine.changed());
  process.on('uncaughtException', (error) => log(`unforeseen: ${error.stack}`));
  process.on('unhandledRejection', (error) =>
    log(`unforeseen: ${error instanceof Error ? error.stack : String(error)}`),
  );
  await server.listen();
  // Disks are there when udev says so; until then the list would be short.
  const settled = run(['udevadm', 'settle', '--timeout=60'], { okExit: [0, 1] });
  await engine.open(
    () => findSetDirectory(medium, kernelArguments.get('rekindle.set')),
    () =>
      settled
        .then(() => engine.lookOnDisks())
        .catch((error: unknown) => log(`looking for an interrupted restore: ${reportOf(error).cause}`)),
  );
  if (engine.set) verifyInBackground(engine);
  const { phase, failure } = engine.state;
  // What the engine before this one did not end is for people; what a power cut ended was begun without them.
  const isFree = phase === 'idle' || failure?.code === 'RK468' || failure?.code === 'RK490';
  if (kernelArguments.get('rekindle.auto') === 'restore' && isFree && engine.set) await unattended.run();
}

/** The check that nobody asked for: where it would bring the menu to a halt it waits for the restore, which does it first. */
function verifyInBackground(engine: Engine): void {
  if (isRoomToVerify()) {
    engine.verify().catch((error: unknown) => log(`verification: ${reportOf(error).cause}`));
    return;
  }
  engine.state.verification.status = 'deferred';
  log('little memory: the medium is checked when a restore begins');
  engine.changed();
}

async function carryOut(command: Command, engine: Engine, unattended: Unattended): Promise<Answer> {
  switch (command.command) {
    case 'disks':
      return { disks: await engine.disks() };
    case 'plan':
      return { plan: await engine.plan(command.targets, command.sizes, command.part) };
    case 'devices':
      return { devices: await engine.devices() };
    case 'start':
      engine.start(command.digest, command.confirm);
      return {};
    case 'continue':
      engine.continueRestore(command.confirm);
      return {};
    case 'skip-step':
      engine.skipStep(command.step, command.confirm);
      return {};
    case 'verify':
      engine
        .verifyAgain()
        .catch((error: unknown) => log(`verification: ${error instanceof Error ? error.message : String(error)}`));
      return {};
    case 'unlock':
      await engine.unlock({ kind: command.kind, text: command.secret });
      return {};
    case 'secret':
      await engine.secrets.give(command.name, command.secret);
      return {};
    case 'skip-volume':
      engine.skipVolume(command.confirm);
      return {};
    case 'count-loss':
      await engine.countLoss();
      return {};
    case 'find-sets':
      // Waiting for a disc may take longer than any answer: the state tells.
      engine.findSets().catch(() => undefined);
      return {};
    case 'use-unsigned':
      await engine.letUnsignedIn(command.set, command.confirm);
      return {};
    case 'stop-countdown':
      unattended.stop();
      return {};
    case 'power':
      power(command.action);
      return {};
  }
}

/** PID 1 goes down in order: SIGTERM reboots, SIGUSR2 powers off. */
function power(action: 'reboot' | 'poweroff'): void {
  log(action === 'reboot' ? 'reboot' : 'power off');
  process.kill(1, action === 'reboot' ? 'SIGTERM' : 'SIGUSR2');
}
