interface EventuallyOptions {
  /** Milliseconds until it is given up. */
  timeoutMs: number;
  /** What is waited for, for the message. */
  what: string;
  /** Milliseconds between looks. */
  everyMs?: number;
}

/**
 * Looks again and again until `look` returns something, and returns it. Waiting for a real process needs a clock on the wall; nothing is
 * asserted about how long it took. An error of `look` is kept for the message.
 */
export async function eventually<T>(
  look: () => Promise<T | undefined>,
  { timeoutMs, what, everyMs = 100 }: EventuallyOptions,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`gave up waiting for ${what} after ${timeoutMs} ms`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
