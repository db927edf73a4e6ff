import type { Clock } from '@dark-carnival/crds/clock';

/** How a bounded run ended. `stuck`: it ignored its signal and is still going; `settled` tells when it ends after all. */
export type RunEnd<Result> =
  | { kind: 'returned'; result: Result }
  | { kind: 'threw'; error: unknown }
  | { kind: 'stuck'; settled: Promise<void> };

export interface RunOptions {
  clock: Clock;
  /** After this long the signal aborts. */
  timeoutMs: number;
  /** After this much longer the run is given up. */
  graceMs: number;
  /** Aborts the run's signal too. */
  signal: AbortSignal;
}

/** Runs a piece of work for a bounded time. Never rejects, and leaves no timer or listener behind. */
export async function runBounded<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  { clock, timeoutMs, graceMs, signal }: RunOptions,
): Promise<RunEnd<Result>> {
  const abort = new AbortController();
  const stop = () => abort.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let giveUp: (end: RunEnd<Result>) => void = () => {};
  const givenUp = new Promise<RunEnd<Result>>((resolve) => {
    giveUp = resolve;
  });
  const running = settle(() => work(abort.signal));
  const settled = running.then(() => {});
  let timer = clock.setTimeout(() => {
    abort.abort(new DOMException(`not done within ${timeoutMs} ms`, 'TimeoutError'));
    timer = clock.setTimeout(() => giveUp({ kind: 'stuck', settled }), graceMs);
  }, timeoutMs);
  try {
    return await Promise.race([running, givenUp]);
  } finally {
    clock.clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

async function settle<Result>(work: () => Promise<Result>): Promise<RunEnd<Result>> {
  try {
    return { kind: 'returned', result: await work() };
  } catch (error) {
    return { kind: 'threw', error };
  }
}
