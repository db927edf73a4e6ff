import { safeLine } from '@dark-carnival/crds/text';

/** A log line as pino and others write it, in so far as it tells why a process ended. */
interface LogLine {
  /** 40 and above are warnings and errors. */
  level?: unknown;
  msg?: unknown;
  message?: unknown;
  err?: { message?: unknown };
}

const MAX_WORDS = 200;
const WARNING = 40;

/**
 * What a line of a child's log says to a person: the message of a JSON line that warns, else the line. Stack frames, banners and empty lines say
 * nothing.
 */
export function wordsOf(line: string): string | undefined {
  const text = fromJson(line) ?? line.trim();
  // Indented: a frame, or a member of an error that was printed whole.
  const says =
    !/^\s/.test(line) && text !== '' && !/^(at |\^|node:|Node\.js v|\}|\{)/.test(text) && /[a-z]/i.test(text);
  return says ? safeLine(text, MAX_WORDS) : undefined;
}

function fromJson(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { level, msg, message, err } = JSON.parse(line) as LogLine;
    if (typeof level === 'number' && level < WARNING) return '';
    const said = [msg ?? message, err?.message].filter((part) => typeof part === 'string' && part !== '');
    return said.length > 0 ? said.join(': ') : undefined;
  } catch {
    return undefined;
  }
}
