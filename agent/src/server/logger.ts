import { logRedaction } from '@dark-carnival/telemetry';
import { pino } from 'pino';

/** A pino logger, as far as the wagon uses it. */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>;

/**
 * JSON lines on stderr. Members that are named like secrets are left out, and every line goes through `scrub`, so that a secret inside a
 * sentence does not pass either.
 */
export function createLogger(level: string, nodeID: string, scrub: (text: string) => string): Logger {
  return pino(
    {
      level,
      base: { wagon: nodeID },
      ...logRedaction(scrub),
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
