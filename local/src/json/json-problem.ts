import { goQuoteChar } from '../schema/go-text.ts';

/**
 * What is wrong with a JSON text, in the words of Go's `encoding/json`: the first byte that cannot be, or an early end.
 * Undefined for a text that is valid.
 */
export function jsonProblem(bytes: Buffer): string | undefined {
  // One character a byte, as Go's scanner looks at them.
  const scan: Scan = { text: bytes.toString('latin1'), at: 0 };
  try {
    scanValue(scan);
    skipSpace(scan);
    if (scan.at < scan.text.length) refuse(scan, 'after top-level value');
    return undefined;
  } catch (error) {
    if (error instanceof JsonProblem) return error.message;
    throw error;
  }
}

class JsonProblem extends Error {}

interface Scan {
  text: string;
  at: number;
}

/** @throws JsonProblem about the character that is next, or the end */
function refuse({ text, at }: Scan, where: string): never {
  const char = text[at];
  if (char === undefined) throw new JsonProblem('unexpected end of JSON input');
  throw new JsonProblem(`invalid character ${goQuoteChar(char)} ${where}`);
}

function skipSpace(scan: Scan): void {
  while (' \t\r\n'.includes(scan.text[scan.at] ?? 'x')) scan.at += 1;
}

/** Steps over the character that is next, where it is this one. */
function take(scan: Scan, char: string): boolean {
  if (scan.text[scan.at] !== char) return false;
  scan.at += 1;
  return true;
}

function scanValue(scan: Scan): void {
  skipSpace(scan);
  const { text, at } = scan;
  const char = text[at] ?? '';
  if (char === '{') scanObject(scan);
  else if (char === '[') scanList(scan);
  else if (char === '"') scanString(scan);
  else if (char === '-' || isDigit(char)) scanNumber(scan);
  else if (char === 't') scanWord(scan, 'true');
  else if (char === 'f') scanWord(scan, 'false');
  else if (char === 'n') scanWord(scan, 'null');
  else refuse(scan, 'looking for beginning of value');
}

function scanObject(scan: Scan): void {
  scan.at += 1;
  skipSpace(scan);
  if (take(scan, '}')) return;
  do {
    skipSpace(scan);
    if (scan.text[scan.at] !== '"') refuse(scan, 'looking for beginning of object key string');
    scanString(scan);
    skipSpace(scan);
    if (!take(scan, ':')) refuse(scan, 'after object key');
    scanValue(scan);
    skipSpace(scan);
  } while (take(scan, ','));
  if (!take(scan, '}')) refuse(scan, 'after object key:value pair');
}

function scanList(scan: Scan): void {
  scan.at += 1;
  skipSpace(scan);
  if (take(scan, ']')) return;
  do {
    scanValue(scan);
    skipSpace(scan);
  } while (take(scan, ','));
  if (!take(scan, ']')) refuse(scan, 'after array element');
}

function scanString(scan: Scan): void {
  scan.at += 1;
  while (!take(scan, '"')) {
    if ((scan.text.charCodeAt(scan.at) || 0) < 0x20) refuse(scan, 'in string literal');
    const isEscape = take(scan, '\\');
    if (isEscape) scanEscape(scan);
    else scan.at += 1;
  }
}

function scanEscape(scan: Scan): void {
  if (take(scan, 'u')) {
    for (let digit = 0; digit < 4; digit += 1) {
      if (!/[0-9a-fA-F]/.test(scan.text[scan.at] ?? '')) refuse(scan, 'in \\u hexadecimal character escape');
      scan.at += 1;
    }
  } else if ('bfnrt\\/"'.includes(scan.text[scan.at] ?? ' ')) scan.at += 1;
  else refuse(scan, 'in string escape code');
}

const isDigit = (char: string | undefined) => char !== undefined && char >= '0' && char <= '9';

/** At least one digit. */
function scanDigits(scan: Scan, where: string): void {
  if (!isDigit(scan.text[scan.at])) refuse(scan, where);
  while (isDigit(scan.text[scan.at])) scan.at += 1;
}

function scanNumber(scan: Scan): void {
  take(scan, '-');
  if (!take(scan, '0')) scanDigits(scan, 'in numeric literal');
  if (take(scan, '.')) scanDigits(scan, 'after decimal point in numeric literal');
  if (!take(scan, 'e') && !take(scan, 'E')) return;
  if (!take(scan, '+')) take(scan, '-');
  scanDigits(scan, 'in exponent of numeric literal');
}

function scanWord(scan: Scan, word: string): void {
  for (const char of word) if (!take(scan, char)) refuse(scan, `in literal ${word} (expecting '${char}')`);
}
