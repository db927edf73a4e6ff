import type { Clock } from '@dark-carnival/crds/clock';

/** The part of `process` that is listened to. */
export interface SignalSource {
  on(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'disconnect', listener: () => void): unknown;
}

/**
 * One Ctrl-C can arrive several times: from the terminal, and again from npm and from the CLI, which pass it on. What comes within this time is
 * the same one.
 */
const ECHO_MS = 700;

/**
 * Listens for the wish to stop: Ctrl-C, SIGTERM, a terminal that closes, a parent that is gone.
 * @returns `requested`, which resolves with 'stop' at the first.
 */
export function listenForStop(
  source: SignalSource,
  clock: Clock,
  on: { first(): void; second(): void },
): { requested: Promise<'stop'> } {
  const requested = Promise.withResolvers<'stop'>();
  let firstAt: number | undefined;
  const hear = () => {
    if (firstAt === undefined) {
      firstAt = clock.monotonic();
      on.first();
      requested.resolve('stop');
    } else if (clock.monotonic() - firstAt > ECHO_MS) {
      on.second();
    }
  };
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) source.on(event, hear);
  return { requested: requested.promise };
}
