import type { Clock } from '@dark-carnival/crds/clock';

/** The part of `process` that is listened to. */
export interface InterruptSource {
  on(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'disconnect', listener: () => void): unknown;
}

/** npx, and the starter of an old Node, pass on the Ctrl-C that the terminal has given us already: within this time it is the same one. */
const ECHO_MS = 700;

/**
 * Turns the wish to stop into a signal.
 * @param again what a second Ctrl-C does, a moment later: somebody does not want to wait.
 */
export function listenForInterrupts(source: InterruptSource, clock: Clock, again: () => void): AbortSignal {
  const interrupted = new AbortController();
  let firstAt: number | undefined;
  const hear = () => {
    if (firstAt === undefined) {
      firstAt = clock.monotonic();
      interrupted.abort();
    } else if (clock.monotonic() - firstAt > ECHO_MS) {
      again();
    }
  };
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) source.on(event, hear);
  return interrupted.signal;
}
