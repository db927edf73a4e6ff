/** Where a listener stands in one wagon's events. */
export interface Position {
  /** Which start of the wagon: its numbers begin anew with each. */
  epoch: string;
  seq: number;
}

/** Where a listener stands: in each wagon's events, or behind event N of whichever start of the wagon now runs. */
export type Cursor = { kind: 'number'; seq: number } | { kind: 'positions'; positions: ReadonlyMap<string, Position> };

export const FROM_THE_BEGINNING: Cursor = { kind: 'number', seq: 0 };
const MAX_CURSOR_CHARS = 4096;

/** As the `id:` of an event: opaque to browsers, which send it back as Last-Event-ID. */
export function encodeCursor(positions: ReadonlyMap<string, Position>): string {
  const entries = [...positions].map(([wagon, { epoch, seq }]) => [wagon, epoch, seq]);
  return Buffer.from(JSON.stringify(entries)).toString('base64url');
}

/** Reads `after=N` and what encodeCursor wrote; undefined for whatever is neither. */
export function parseCursor(text: string): Cursor | undefined {
  if (/^\d{1,15}$/.test(text)) return { kind: 'number', seq: Number(text) };
  if (text.length > MAX_CURSOR_CHARS) return undefined;
  try {
    const entries: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (!Array.isArray(entries)) return undefined;
    const positions = new Map<string, Position>();
    for (const entry of entries) {
      if (!isEntry(entry)) return undefined;
      positions.set(entry[0], { epoch: entry[1], seq: entry[2] });
    }
    return { kind: 'positions', positions };
  } catch {
    return undefined;
  }
}

const isEntry = (entry: unknown): entry is [string, string, number] =>
  Array.isArray(entry) &&
  typeof entry[0] === 'string' &&
  typeof entry[1] === 'string' &&
  Number.isSafeInteger(entry[2]);
