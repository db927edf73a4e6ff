/**
 * An error that nobody caught ends the process, as it does without this: but its words, which may quote a request, go through `scrub` first.
 * @param say writes a line to standard error, at once.
 */
export function scrubCrashes(scrub: (text: string) => string, say: (line: string) => void): void {
  process.once('uncaughtException', (error: unknown) => {
    say(scrub(`crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`));
    process.exit(1);
  });
}
