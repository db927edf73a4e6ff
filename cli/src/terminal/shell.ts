/** Quotes a word for a POSIX shell where it needs quotes. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:@%+-][A-Za-z0-9_./:=@%+,-]*$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line that a person can copy. */
export const shellCommand = (...words: readonly string[]): string => words.map(shellWord).join(' ');
