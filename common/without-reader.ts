function goOn(): void {
  // Without a listener the stream's error would end the process.
}

/** A reader or a terminal that goes away takes our words with it, not the work: for what must be ended in order. */
export function goOnWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr]) stream.off('error', goOn).on('error', goOn);
}
