import type { Clock } from '@dark-carnival/crds/clock';
import type { JsonObject } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import { type IncludeObject, tableRows } from '../../printing/index.ts';
import type { Resource } from '../../registry/resource.ts';
import { servedObject } from '../../rest/api.ts';
import { badRequest } from '../../status/api-error.ts';
import { listMetadata, openList, type Representation } from './representation.ts';

/** Reads `includeObject` of the query. @throws ApiError 400 */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') || 'Metadata';
  if (text === 'Metadata' || text === 'None' || text === 'Object') return text;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(text)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** Rows for people, as `kubectl get` prints them. @param apiVersion `meta.k8s.io/v1`, or v1beta1 */
export function tableOf(apiVersion: string, includeObject: IncludeObject, clock: Clock): Representation {
  const rowsOf = (resource: Resource, listMeta: JsonObject, withoutHeaders = false) => {
    const columns = resource.columns ? { columns: resource.columns } : { builtin: resource.plural };
    const input = { ...columns, includeObject, now: new Date(clock.now()), listMeta, withoutHeaders };
    const { head, row } = tableRows(input);
    return { head: { ...head, apiVersion }, row };
  };
  const print = (resource: Resource, object: KubeObject, listMeta: JsonObject, withoutHeaders: boolean) => {
    const { head, row } = rowsOf(resource, listMeta, withoutHeaders);
    return Buffer.from(`${JSON.stringify({ ...head, rows: [row(object)] })}\n`);
  };
  const one = (resource: Resource, object: KubeObject, isFirst = true) =>
    print(resource, object, { resourceVersion: object.metadata.resourceVersion ?? '' }, !isFirst);
  return {
    id: `table ${apiVersion} ${includeObject}`,
    contentType: 'application/json',
    object: one,
    stored: (resource, { rev, bytes }) => one(resource, servedObject(resource, rev, bytes)),
    list(resource, listHead) {
      const { head, row } = rowsOf(resource, listMetadata(listHead));
      return {
        head: openList(head, 'rows'),
        item: ({ rev, bytes }) => [Buffer.from(JSON.stringify(row(servedObject(resource, rev, bytes))))],
        tail: ']}\n',
      };
    },
    watched: (resource, { rev, bytes }, isFirst) => one(resource, servedObject(resource, rev, bytes), isFirst),
    bookmark: (resource, metadata) => {
      const { resourceVersion = '' } = metadata;
      const object = { apiVersion: resource.apiVersion, kind: resource.kind, metadata } as unknown as KubeObject;
      return print(resource, object, { resourceVersion }, true);
    },
  };
}
