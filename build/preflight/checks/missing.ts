import { findProgram } from '../../../common/find-program.ts';
import { renderInstall } from '../../../common/packages/distribution.ts';
import { packagesOf } from '../../../common/packages/packages.ts';
import { type CheckContext, type Finding, ok } from '../finding.ts';

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
