const maxLines = 250;

/** What must not be in a tracked file: length, registry hosts, paths of a developer's machine. */
export function textProblems(file: string, text: string): string[] {
  const problems: string[] = [];
  if (/\.tsx?$/.test(file) && text.split('\n').length > maxLines + 1)
    problems.push(`${file}: longer than ${maxLines} lines; move a concern to a file of its own`);
  if (/https?:\/\/(registry|deb|security|archive|ftp|mirror)[a-z0-9.-]*\.[a-z]/.test(text))
    problems.push(`${file}: names a package registry's host`);
  return problems;
}
