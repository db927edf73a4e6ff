import { CENSOR } from './secrets.ts';

/** Members that are never logged, wherever an object with them is. */
const NAMES = [
  'authorization',
  'apiKey',
  'api_key',
  'x-api-key',
  'api-key',
  'token',
  'password',
  'secret',
  'cookie',
  'set-cookie',
  'data',
  'stringData',
] as const;

/** How deep such a member is looked for: a line's own, of an object in it, and of an object in that. */
const DEPTHS = ['', '*', '*.*'] as const;

/** Options of pino, as far as both processes share them. */
export interface LogRedaction {
  redact: { paths: string[]; censor: string };
  hooks: { streamWrite: (line: string) => string };
}

/**
 * What keeps secrets out of a log, for `pino(options)`: members that are named like secrets are replaced, and each whole line goes through `scrub`, so that a
 * secret inside of a sentence or a stack does not pass either.
 */
export function logRedaction(scrub: (text: string) => string): LogRedaction {
  const paths = NAMES.flatMap((name) => DEPTHS.map((depth) => `${depth}["${name}"]`));
  return { redact: { paths, censor: CENSOR }, hooks: { streamWrite: scrub } };
}
