/** Terminal escape sequences: with their letters left standing they would be noise. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are taken out
const ESCAPES = /\u001b(\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(\u0007|\u001b\\)?|[PX^_][^\u001b]*(\u001b\\)?|.)/g;
/** Control characters but tab and line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are taken out
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** What reorders or hides text: an approval must read as what it is. */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * Text of models, wagons and people, fit to be shown: without escapes and control characters, and with what is invisible made visible.
 *
 * @param {unknown} text
 * @returns {string}
 */
export function cleanText(text) {
  return String(text ?? '')
    .replace(/\r\n?/g, '\n')
    .replace(ESCAPES, '')
    .replace(CONTROLS, '')
    .replace(INVISIBLE, (hidden) => `⟦U+${(hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟧`);
}

/** One line, at most `max` characters. */
export function cleanLine(text, max = 400) {
  const line = cleanText(text).replace(/\s+/g, ' ').trim();
  const points = [...line];
  return points.length <= max ? line : `${points.slice(0, max).join('')}…`;
}
