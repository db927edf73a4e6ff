/** One operation of RFC 6902. */
export type JsonPatchOperation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string }
  | { op: 'move' | 'copy'; from: string; path: string };

/** A patch and how it is to be read. The content type always follows from it: client-node's default is the wrong one (client-node-defects.test.ts, 13). */
export type Patch =
  | { type: 'json'; operations: readonly JsonPatchOperation[] }
  | { type: 'merge'; body: Readonly<Record<string, unknown>> };

/** How a patch goes over the wire. */
export function encodePatch(patch: Patch): { contentType: string; body: string } {
  return patch.type === 'json'
    ? { contentType: 'application/json-patch+json', body: JSON.stringify(patch.operations) }
    : { contentType: 'application/merge-patch+json', body: JSON.stringify(patch.body) };
}

/** Escapes a key for use in a JSON pointer (RFC 6901). */
export function pointerSegment(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
