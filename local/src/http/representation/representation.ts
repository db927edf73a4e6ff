import type { JsonObject } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import type { Resource } from '../../registry/resource.ts';
import type { ListHead } from '../../rest/list.ts';
import type { StoredState } from '../../store/stored-state.ts';

/** A list as it is written, piece by piece, so that nobody holds all of it. Between two items stands a comma. */
export interface ListEncoding {
  head: string;
  /** The item in parts, to be written one behind the other. */
  item(state: StoredState): readonly Buffer[];
  tail: string;
}

/** How objects are put on the wire: whole, as rows of a table, or as metadata only. */
export interface Representation {
  /** Tells encodings of one event apart, so that watchers of the same kind share them. */
  readonly id: string;
  readonly contentType: string;
  object(resource: Resource, object: KubeObject): Buffer;
  /** As `object`, straight from the log. */
  stored(resource: Resource, state: StoredState): Buffer;
  list(resource: Resource, head: ListHead): ListEncoding;
  /** The object of a watch event, compact. `isFirst` in a stream: tables carry their columns once. */
  watched(resource: Resource, state: StoredState, isFirst: boolean): Buffer;
  bookmark(resource: Resource, metadata: JsonObject): Buffer;
}

/** `metadata` of a list. */
export function listMetadata(head: ListHead): JsonObject {
  return {
    ...(head.continueToken !== undefined && { continue: head.continueToken }),
    ...(head.remaining !== undefined && { remainingItemCount: head.remaining }),
    resourceVersion: String(head.revision),
  };
}

/** The text of an object up to a list that is its last member, and stays open. */
export function openList(head: JsonObject, member: string): string {
  return `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(member)}:[`;
}
