import type { JsonObject } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import { servedObject } from '../../rest/api.ts';
import { listMetadata, openList, type Representation } from './representation.ts';

const API_VERSION = 'meta.k8s.io/v1';

/** An object's PartialObjectMetadata. */
export function partialOf(object: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: API_VERSION, metadata: object.metadata };
}

const bytesOf = (value: JsonObject) => Buffer.from(JSON.stringify(value));

/** PartialObjectMetadata, for clients that need names and labels only. */
export const metadataOnly: Representation = {
  id: 'metadata',
  contentType: 'application/json',
  object: (_resource, object) => bytesOf(partialOf(object)),
  stored: (resource, { rev, bytes }) => bytesOf(partialOf(servedObject(resource, rev, bytes))),
  list: (resource, head) => ({
    head: openList(
      { kind: 'PartialObjectMetadataList', apiVersion: API_VERSION, metadata: listMetadata(head) },
      'items',
    ),
    item: ({ rev, bytes }) => [bytesOf(partialOf(servedObject(resource, rev, bytes)))],
    tail: ']}',
  }),
  watched: (resource, { rev, bytes }) => bytesOf(partialOf(servedObject(resource, rev, bytes))),
  bookmark: (_resource, metadata) => bytesOf({ kind: 'PartialObjectMetadata', apiVersion: API_VERSION, metadata }),
};
