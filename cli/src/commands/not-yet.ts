/** Commands that are promised, and come with a later version. */
const LATER = new Set(['diff', 'improve', 'revert']);

/** The hint for a command that is not there yet; undefined for one that never will be. */
export const notYet = (name: string): string | undefined =>
  LATER.has(name) ? `carnival ${name} is not in this version yet` : undefined;
