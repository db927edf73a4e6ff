/** The first `max` code points of a text, the last of them an ellipsis where something was left out: cut between characters, never within one. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  // A code point has at most two units: more than these cannot matter, however long the text is.
  const points = Array.from(text.slice(0, 2 * max + 2));
  return points.length <= max ? text : `${points.slice(0, max - 1).join('')}…`;
}
