/** The headers of an answer, as far as they are read here. */
export interface HeaderReader {
  get(name: string): string | null;
}

/**
 * How long an answer asks to be left alone, in milliseconds: `retry-after-ms` (OpenAI, Azure), else `retry-after` as seconds or HTTP date.
 * @param now wall clock, milliseconds since the epoch: only the date form needs it.
 */
export function retryAfterMs(headers: HeaderReader, now: number): number | undefined {
  const exact = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (exact >= 0) return exact;
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Gemini tells it in the body of its 429 (`"retryDelay": "34s"`), and not always in a header. */
export function bodyRetryAfterMs(body: string): number | undefined {
  const seconds = /"retryDelay":\s*"(\d{1,6}(?:\.\d{1,9})?)s"/.exec(body)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
