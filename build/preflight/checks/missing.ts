import { refusesUs } from '../../../common/errors/system-error.ts';
import { findProgram } from '../../../common/find-program.ts';
import { renderInstall } from '../../../common/packages/distribution.ts';
import { packagesOf } from '../../../common/packages/packages.ts';
import { MissingProgram } from '../../../common/start-failure.ts';
import { asProblem, type CheckContext, type Finding, needsRoot, notChecked, ok } from '../finding.ts';
import { programsFor } from '../programs.ts';

/** Those of the tools that this machine does not have. */
export async function missingTools(tools: readonly string[]): Promise<string[]> {
  const found = await Promise.all(tools.map(async (tool) => ({ tool, path: await findProgram(tool) })));
  return found.filter(({ path }) => path === null).map(({ tool }) => tool);
}

/** One finding for everything missing of one kind, with the command that installs it. */
export function missingFinding(
  context: Pick<CheckContext, 'distribution'>,
  level: 'warning' | 'problem',
  missing: readonly string[],
  consequence: string,
): Finding[] {
  if (missing.length === 0) return ok;
  const packages = [...new Set(missing.flatMap((tool) => packagesOf(tool, context.distribution)))].toSorted();
  return [
    {
      level,
      what: `Missing: ${missing.join(', ')}.${consequence === '' ? '' : ` ${consequence}`}`,
      fix: renderInstall(context.distribution, packages),
      packages,
    },
  ];
}

/**
 * What stopped a check: a problem of its own, or a reason not to have looked that another one says: a program that is missing, or that
 * this is not root.
 */
export function whyStopped(error: unknown, context: CheckContext): Finding[] {
  if (context.uid !== 0 && refusesUs(error)) return needsRoot;
  if (!(error instanceof MissingProgram)) return asProblem(error);
  const { program } = error;
  if (programsFor(context).includes(program)) return notChecked(`${program} is missing: nothing could be looked at.`);
  return missingFinding(context, 'problem', [program], 'Without it nobody can look.');
}
