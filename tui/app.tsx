import { useInput } from 'ink';
import { lazy, Suspense, useEffect } from 'react';
import { initialState } from '../restore/execute/initial-state.ts';
import { type Route, useEngineState, useScreen } from './context.ts';
import { CountdownScreen } from './screens/countdown.tsx';
import { DisksScreen } from './screens/disks.tsx';
import { FailedScreen } from './screens/failed.tsx';
import { FileSystemScreen } from './screens/file-system.tsx';
import { HelpScreen } from './screens/help.tsx';
import { LogsScreen } from './screens/logs.tsx';
import { LossesScreen } from './screens/losses.tsx';
import { MainMenu } from './screens/main-menu.tsx';
import { PartScreen } from './screens/part.tsx';
import { PlanScreen } from './screens/plan.tsx';
import { PowerScreen } from './screens/power.tsx';
import { RestoredScreen } from './screens/result.tsx';
import { SecretScreen, secretToGoOn, wantedSecret } from './screens/secret.tsx';
import { SizesScreen } from './screens/sizes.tsx';
import { TrustScreen } from './screens/trust.tsx';
import { UnlockScreen } from './screens/unlock.tsx';
import { WantedScreen } from './screens/wanted.tsx';

/** With its chart, which is a twelfth of all that the menu loads: not before it is needed. */
const ProgressScreen = lazy(async () => ({ default: (await import('./screens/progress.tsx')).ProgressScreen }));

/** Where the next restore is being chosen. */
const choosing: ReadonlySet<Route['name']> = new Set(['after-part', 'part', 'file-system', 'disks', 'plan', 'sizes']);

/** Until the engine says its own. */
const unknownState = initialState();

/** Which screen: the engine's phase first, so that a new menu shows a running restore, then where the user went. */
export function App({ route }: { route: Route }) {
  const { openShell, redraw, go, isTyping } = useScreen();
  const state = useEngineState() ?? unknownState;
  const isGoingOn = route.name === 'continue' && state.phase === 'failed';
  const isChosen = route.name === 'plan' && !route.readOnly;
  const secret = isGoingOn ? secretToGoOn(state) : isChosen ? wantedSecret(state) : null;
  useInput((input, key) => {
    if (key.ctrl && input === 'l') redraw();
    else if (isTyping() || route.name === 'unlock' || secret !== null) return;
    else if (input === '!') openShell();
    else if (input === '?' && route.name !== 'help') go({ name: 'help', back: route });
  });
  // Another menu may have started it: what was being chosen here is over.
  const isOver = state.phase === 'restoring' && choosing.has(route.name);
  useEffect(() => {
    if (isOver) go({ name: 'menu' });
  }, [isOver, go]);
  if (route.name === 'help') return <HelpScreen back={route.back} />;
  if (route.name === 'power') return <PowerScreen action={route.action} />;
  if (route.name === 'logs') return <LogsScreen />;
  if (route.name === 'unlock') return <UnlockScreen />;
  if (route.name === 'trust') return <TrustScreen />;
  if (route.name === 'losses') return <LossesScreen />;
  if (state.wanted !== null) return <WantedScreen state={state} wanted={state.wanted} />;
  if (state.countdown !== null) return <CountdownScreen state={state} />;
  if (state.phase === 'restoring' && state.progress)
    return (
      <Suspense fallback={null}>
        <ProgressScreen state={state} progress={state.progress} />
      </Suspense>
    );
  if (state.phase === 'restored' && !choosing.has(route.name)) return <RestoredScreen state={state} />;
  if (route.name === 'part') return <PartScreen />;
  if (route.name === 'file-system') return <FileSystemScreen />;
  if (route.name === 'disks')
    return <DisksScreen readOnly={route.readOnly} only={route.only} before={route.before ?? 0} />;
  if (secret !== null) return <SecretScreen key={secret.name} secret={secret} isGoingOn={isGoingOn} />;
  if (route.name === 'sizes' && state.plan) return <SizesScreen plan={state.plan} step={route.step} />;
  if (route.name === 'plan') return <PlanScreen readOnly={route.readOnly} step={route.step} />;
  if (state.phase === 'failed' && route.name !== 'after-failure')
    return <FailedScreen key={String(isGoingOn)} state={state} isGoingOn={isGoingOn} />;
  return <MainMenu state={state} />;
}
