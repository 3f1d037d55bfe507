/** What has to be undone however the work ends, in the order in which it came to be. */
export class UndoList {
  readonly #steps: (() => Promise<void>)[] = [];

  /** @returns does the step now, once: whoever comes second waits for the same end */
  add(step: () => Promise<void>): () => Promise<void> {
    let running: Promise<void> | null = null;
    const once = (): Promise<void> => {
      running ??= step();
      return running;
    };
    this.#steps.push(once);
    return once;
  }

  /** Does what was not done yet, the last first; one that fails keeps no other from being done. @returns the failures of all steps */
  async all(): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (const step of this.#steps.toReversed()) await step().catch((error: unknown) => void failures.push(error));
    return failures;
  }
}
