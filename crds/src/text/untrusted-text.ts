import { clip } from './clip.ts';

/**
 * Models, wagons and strangers wrote most of what is shown here. A terminal takes some characters for commands (colours, cursor, clipboard, links),
 * shows others in an order that is not theirs (bidi), or not at all (tags): none of these reach it.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with control characters
const STRINGS = /(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with control characters
const SEQUENCES = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?/gu;
/** Control and format characters, except line feed, tab, and the joiners that emoji and some scripts need; lone surrogates; tags. */
const UNSAFE = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u{e0000}-\u{e007f}]/gu;

/** A whole text, its line breaks kept. */
export function safeText(text: string): string {
  return safePiece(text.replace(STRINGS, '').replace(SEQUENCES, ''));
}

/**
 * A piece of a text that arrives in pieces. A sequence may be cut in two, so only its dangerous characters go: what stays of it is harmless and
 * visible.
 */
export function safePiece(text: string): string {
  return text.replace(/\r\n?|[\u0085\u2028\u2029]/gu, '\n').replace(UNSAFE, '');
}

/** A text on one line, at most `max` characters long. */
export function safeLine(text: string, max = 500): string {
  return clip(safeText(text).replace(/\s+/gu, ' ').trim(), max);
}
