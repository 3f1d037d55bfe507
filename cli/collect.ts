/** For commander: an option that may be repeated gives all its values, in order. */
export function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}
