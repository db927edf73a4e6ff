/** The first `max` code points of a text, the last of them an ellipsis where something was left out. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const points = Array.from(text.slice(0, 2 * max + 2));
  return points.length <= max ? points.join('') : `${points.slice(0, max - 1).join('')}…`;
}
