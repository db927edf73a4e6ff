import type { JsonObject } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import type { Resource } from '../../registry/resource.ts';
import type { ListPage } from '../../rest/list.ts';

/** A stored state of an object. */
export interface StoredState {
  rev: number;
  bytes: Buffer;
}

/** How objects are put on the wire: whole, as rows of a table, or as metadata only. */
export interface Representation {
  /** Tells encodings of one event apart, so that watchers of the same kind share them. */
  readonly id: string;
  readonly contentType: string;
  object(resource: Resource, object: KubeObject): Buffer;
  /** As `object`, straight from the log. */
  stored(resource: Resource, state: StoredState): Buffer;
  list(resource: Resource, page: ListPage): Buffer;
  /** The object of a watch event, compact. `isFirst` in a stream: tables carry their columns once. */
  watched(resource: Resource, state: StoredState, isFirst: boolean): Buffer;
  bookmark(resource: Resource, metadata: JsonObject): Buffer;
}

/** `metadata` of a list. */
export function listMetadata(page: ListPage): JsonObject {
  return {
    ...(page.continueToken !== undefined && { continue: page.continueToken }),
    ...(page.remaining !== undefined && { remainingItemCount: page.remaining }),
    resourceVersion: String(page.revision),
  };
}
