import type { Resource } from '../../registry/resource.ts';
import { servedBytes } from '../../rest/api.ts';
import type { ListHead } from '../../rest/list.ts';
import type { StoredState } from '../../store/stored-state.ts';
import { type ListEncoding, listMetadata, openList, type Representation } from './representation.ts';

const OPEN = Buffer.from('{');

/** Length of `{"apiVersion":"v1","kind":"ConfigMap",`: stored objects begin so. */
function typePrefixLength(resource: Resource): number {
  return JSON.stringify({ apiVersion: resource.apiVersion, kind: resource.kind }).length;
}

function listEncoding(resource: Resource, head: ListHead): ListEncoding {
  const opening = { kind: resource.listKind, apiVersion: resource.apiVersion, metadata: listMetadata(head) };
  const cut = typePrefixLength(resource);
  const bytesOf = ({ rev, bytes }: StoredState) => servedBytes(resource, rev, bytes);
  return {
    head: openList(opening, 'items'),
    // Lists of built-in kinds leave apiVersion and kind out of their items.
    item: resource.custom ? (state) => [bytesOf(state)] : (state) => [OPEN, bytesOf(state).subarray(cut)],
    tail: ']}\n',
  };
}

/** Objects as they are. What lies in the log goes out without being parsed. */
export const whole: Representation = {
  id: 'json',
  contentType: 'application/json',
  object: (_resource, object) => Buffer.from(`${JSON.stringify(object)}\n`),
  stored: (resource, { rev, bytes }) => servedBytes(resource, rev, bytes),
  list: listEncoding,
  watched: (resource, { rev, bytes }) => servedBytes(resource, rev, bytes),
  bookmark: ({ apiVersion, kind }, metadata) => Buffer.from(JSON.stringify({ kind, apiVersion, metadata })),
};
