const maxLines = 250;

/** Tests that must say the same on any day. Waiting goes by performance.now(). */
const timeless = /^(tests\/(unit|tui)|packages\/[^/]+\/tests)\//;
const clock = /\bDate\.now\(|\bnew Date\(\)/;

/** What must not be in a tracked file: length, registry hosts, paths of a developer's machine. */
export function textProblems(file: string, text: string): string[] {
  const problems: string[] = [];
  if (/\.tsx?$/.test(file) && text.split('\n').length > maxLines + 1)
    problems.push(`${file}: longer than ${maxLines} lines; move a concern to a file of its own`);
  if (timeless.test(file) && clock.test(text)) problems.push(`${file}: a test that reads today's clock`);
  if (/https?:\/\/(registry|deb|security|archive|ftp|mirror)[a-z0-9.-]*\.[a-z]/.test(text))
    problems.push(`${file}: names a package registry's host`);
  return problems;
}
