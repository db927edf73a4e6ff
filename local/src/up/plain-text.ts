// What a terminal could take for a command or show in another order than it is: control and format characters, line separators.
const UNSAFE = /\p{C}|[\u2028\u2029\u{e0000}-\u{e007f}]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with a control character
const ESCAPE_SEQUENCE = /[\u001b\u009b][[\]()#;?]*[0-9;:?]*[ -/]*[@-~]?/gu;

/** Text that a model, a wagon or a stranger wrote, on one line, fit for a terminal, at most `max` characters long. */
export function plainLine(text: string, max = 200): string {
  const line = text.replace(ESCAPE_SEQUENCE, '').replace(/\s+/gu, ' ').replace(UNSAFE, '').trim();
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join('')}…`;
}
