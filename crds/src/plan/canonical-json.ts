/**
 * Canonical JSON (RFC 8785): members sorted by UTF-16 code units, no white space, ECMAScript number and string forms. The same value
 * always gives the same bytes, so a hash over them identifies it. `undefined` members are left out. Throws on what JSON cannot hold.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  const scalar = typeof value === 'number' && !Number.isFinite(value) ? undefined : JSON.stringify(value);
  if (scalar === undefined) throw new TypeError(`canonical JSON cannot hold ${String(value)}`);
  return scalar;
}
