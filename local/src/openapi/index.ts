import { createHash } from 'node:crypto';
import { goJson, type JsonObject } from '../schema/index.ts';

export { type OpenApiInput, type OpenApiResource, openApiDocument } from './document.ts';
export { OPENAPI_V2_CONTENT_TYPE, OPENAPI_V2_MEDIA_TYPE, openApiV2Document } from './version-two.ts';

/** A group version and the hash of its document. */
export interface GroupVersionHash {
  group: string;
  version: string;
  hash: string;
}

const pathOf = (group: string, version: string) => (group === '' ? `api/${version}` : `apis/${group}/${version}`);

/** A hash that changes exactly when the document does: it is the document's ETag and lets kubectl cache it for ever. */
export function openApiHash(document: JsonObject): string {
  return createHash('sha512').update(goJson(document)).digest('hex').toUpperCase();
}

/** The answer of `/openapi/v3`: where the document of each group version lies. */
export function openApiIndex(groupVersions: readonly GroupVersionHash[]): JsonObject {
  const entries = groupVersions.map(({ group, version, hash }): [string, JsonObject] => {
    const path = pathOf(group, version);
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
  });
  return { paths: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
