/** Reads the one line by which a child says that it serves: `{"ready":true,…}`. Anything else is log. */
export function parseReadyLine(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return 'ready' in value && value.ready === true ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The base URL that a ready line carries under `member`; undefined where it is none. */
export function urlOf(ready: Record<string, unknown> | undefined, member: string): string | undefined {
  const url = ready?.[member];
  return typeof url === 'string' && URL.canParse(url) ? url.replace(/\/+$/, '') : undefined;
}
