/**
 * Puts text of others between delimiters that the prompts declare as material, not orders. The delimiter is the same every time, so that
 * providers can cache the prefix; text cannot close it early, since what looks like a delimiter in it is written differently.
 */
export function fence(name: string, text: string, max: number): string {
  const shown = clip(text.replaceAll('<<<', '‹‹‹').replaceAll('>>>', '›››').trim(), max);
  return `<<<${name}\n${shown}\n${name}>>>`;
}

/** At most `max` code points; what was cut is said, since a model would else take the end for the end. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const points = [...text];
  return points.length <= max
    ? text
    : `${points.slice(0, max).join('')}\n[… ${points.length - max} more characters were left out]`;
}
