import { pino } from 'pino';

/** A pino logger, as far as the wagon uses it. */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>;

const NAMED_SECRETS = ['token', 'apiKey', 'authorization', 'password', 'secret'];

/**
 * JSON lines on stderr. Members that are named like secrets are left out, and every line goes through `scrub`, so that a secret inside a
 * sentence does not pass either.
 */
export function createLogger(level: string, nodeID: string, scrub: (text: string) => string): Logger {
  return pino(
    {
      level,
      base: { wagon: nodeID },
      redact: { paths: NAMED_SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '***' },
      hooks: { streamWrite: scrub },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
