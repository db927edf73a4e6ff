import type { Resource } from '../../registry/resource.ts';
import { servedBytes } from '../../rest/api.ts';
import type { ListPage } from '../../rest/list.ts';
import { listMetadata, type Representation } from './representation.ts';

const COMMA = Buffer.from(',');
const OPEN = Buffer.from('{');
const END = Buffer.from(']}\n');

/** Length of `{"apiVersion":"v1","kind":"ConfigMap",`: stored objects begin so. */
function typePrefixLength(resource: Resource): number {
  return JSON.stringify({ apiVersion: resource.apiVersion, kind: resource.kind }).length;
}

/** Lists of built-in kinds leave apiVersion and kind out of their items. */
function itemParts(resource: Resource, bytes: Buffer, cut: number): Buffer[] {
  return resource.custom ? [bytes] : [OPEN, bytes.subarray(cut)];
}

function listBytes(resource: Resource, page: ListPage): Buffer {
  const head = { kind: resource.listKind, apiVersion: resource.apiVersion, metadata: listMetadata(page) };
  const parts: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`)];
  const cut = typePrefixLength(resource);
  for (const [index, item] of page.items.entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(...itemParts(resource, servedBytes(resource, item.rev, item.bytes), cut));
  }
  parts.push(END);
  return Buffer.concat(parts);
}

/** Objects as they are. What lies in the log goes out without being parsed. */
export const whole: Representation = {
  id: 'json',
  contentType: 'application/json',
  object: (_resource, object) => Buffer.from(`${JSON.stringify(object)}\n`),
  stored: (resource, { rev, bytes }) => servedBytes(resource, rev, bytes),
  list: listBytes,
  watched: (resource, { rev, bytes }) => servedBytes(resource, rev, bytes),
  bookmark: ({ apiVersion, kind }, metadata) => Buffer.from(JSON.stringify({ kind, apiVersion, metadata })),
};
