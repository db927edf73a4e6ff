/** Control characters but line feed and tab: they would move the cursor of whoever prints a status in a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text of a wagon or a model, made fit for a status: no control or direction characters, at most `max` code points, an ellipsis where it was cut. */
export function plainText(text: string, max: number): string {
  const clean = text.replace(CONTROL, '');
  const points = Array.from(clean.slice(0, max * 2 + 2));
  if (points.length <= max)
    return clean.length === points.join('').length ? clean : `${points.slice(0, max - 1).join('')}…`;
  return `${points.slice(0, max - 1).join('')}…`;
}

/** Like plainText, on one line. */
export const oneLine = (text: string, max: number): string => plainText(text.replace(/\s+/g, ' ').trim(), max);

/** Printable ASCII only, everything else as `?`. */
export const asciiOnly = (text: string, max: number): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, max);
