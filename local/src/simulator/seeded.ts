/** mulberry32: numbers in [0, 1), the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * One number in [0, 1) for a seed and what it is drawn for. Unlike numbers drawn in turn it does not depend on who asked first, so the n-th patch of an
 * object meets the same fate in every run, however requests overtake each other.
 */
export function drawn(seed: number, what: string): number {
  // FNV-1a
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < what.length; i += 1) hash = Math.imul(hash ^ what.charCodeAt(i), 0x01000193);
  return seeded(hash)();
}

/** Version 4 UUIDs, the same for the same numbers. */
export function uuids(random: () => number): () => string {
  const hex = (digits: number) =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(8)}${hex(4)}`;
}
