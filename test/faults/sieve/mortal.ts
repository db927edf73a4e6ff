import type { Clock, Timer } from '@dark-carnival/crds/clock';
import type { Transport } from '@dark-carnival/kube';

/** A process that can die between any two steps: afterwards its timers never fire, and nothing that it asked for is ever answered. */
export interface Mortal {
  readonly isDead: boolean;
}

/** A clock as one process has it. */
export function mortalClock(clock: Clock, mortal: Mortal): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimeout: (run, delayMs): Timer => {
      if (mortal.isDead) return {};
      return clock.setTimeout(() => {
        if (!mortal.isDead) run();
      }, delayMs);
    },
    clearTimeout: (timer) => clock.clearTimeout(timer),
  };
}

/** Work whose outcome a dead process never learns. */
export async function heard<T>(mortal: Mortal, work: () => Promise<T>): Promise<T> {
  if (mortal.isDead) return never();
  try {
    const outcome = await work();
    return mortal.isDead ? await never() : outcome;
  } catch (error) {
    if (mortal.isDead) return never();
    throw error;
  }
}

export function mortalTransport(inner: Transport, mortal: Mortal): Transport {
  return {
    request: (request) => heard(mortal, () => inner.request(request)),
    stream: (request) =>
      heard(mortal, async () => {
        const stream = await inner.stream(request);
        return { ...stream, lines: mortalLines(stream.lines, mortal) };
      }),
    close: () => inner.close(),
  };
}

async function* mortalLines(lines: AsyncIterable<string>, mortal: Mortal): AsyncIterable<string> {
  const reading = lines[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await heard(mortal, () => reading.next());
    if (done) return;
    yield value;
  }
}

const never = (): Promise<never> => new Promise(() => {});
