import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@dark-carnival/crds/clock';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions } from '../discovery/discovery.ts';
import type { JsonObject } from '../json/json.ts';
import { OPENAPI_V2_CONTENT_TYPE, OPENAPI_V2_MEDIA_TYPE, openApiHash, openApiV2Document } from '../openapi/index.ts';
import type { Registry } from '../registry/registry.ts';
import { methodNotAllowed, noSuchResource } from '../status/api-error.ts';
import { negotiate, wantsAggregatedDiscovery } from './accept.ts';
import { send, sendJson } from './respond.ts';

/** What says what is served: discovery, and the OpenAPI documents. */
export interface Documents {
  registry: Registry;
  clock: Clock;
  /** The document at a path under /openapi, with its hash where it has one; undefined when there is none. */
  openApi: (path: string) => { body: JsonObject; hash?: string } | undefined;
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const YEAR_MS = 365 * 24 * 3600_000;

/** Serves a document about the API. @throws ApiError 404, 405, 406 */
export function serveDocument(
  documents: Documents,
  { path, query }: { path: string; query: URLSearchParams },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (path === '/openapi/v2') {
    serveOpenApiV2(request, response);
    return;
  }
  const { accept } = request.headers;
  const openApi = documents.openApi(path);
  const discovery = openApi ? undefined : discoveryDocument(documents.registry, path, accept);
  if (!openApi && !discovery) throw noSuchResource(path);
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  if (openApi) serveOpenApi(documents, openApi, { path, query }, request, response);
  else if (discovery?.['kind'] === 'APIGroupDiscoveryList') serveAggregated(discovery, request, response);
  else {
    negotiate(accept, false);
    sendJson(response, 200, discovery as JsonObject);
  }
}

function serveOpenApiV2(request: IncomingMessage, response: ServerResponse): void {
  const { json, protobuf } = openApiV2Document();
  if (request.headers.accept?.includes(OPENAPI_V2_MEDIA_TYPE)) send(response, 200, OPENAPI_V2_CONTENT_TYPE, protobuf);
  else send(response, 200, 'application/json', json);
}

function setEtag(hash: string, response: ServerResponse): void {
  response.setHeader('Vary', 'Accept');
  response.setHeader('Etag', `"${hash}"`);
}

/** @returns true where the client has the document already, and was told so */
function isKnown(hash: string, request: IncomingMessage, response: ServerResponse): boolean {
  setEtag(hash, response);
  if (request.headers['if-none-match'] !== `"${hash}"`) return false;
  response.writeHead(304).end();
  return true;
}

/** A document of OpenAPI v3. Under the address with its hash it never changes; with another hash it is elsewhere. */
function serveOpenApi(
  { clock }: Documents,
  { body, hash }: { body: JsonObject; hash?: string },
  { path, query }: { path: string; query: URLSearchParams },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (hash === undefined) {
    sendJson(response, 200, body);
    return;
  }
  const asked = query.get('hash');
  if (asked !== null && asked !== hash) {
    setEtag(hash, response);
    const headers = { Location: `${path}?hash=${hash}`, 'Content-Type': 'application/json', 'Content-Length': 0 };
    response.writeHead(301, { ...headers, 'Cache-Control': 'no-cache, private' }).end();
    return;
  }
  response.setHeader('Cache-Control', asked === null ? 'no-cache, private' : 'public, immutable');
  if (asked !== null) response.setHeader('Expires', new Date(clock.now() + YEAR_MS).toUTCString());
  if (!isKnown(hash, request, response)) sendJson(response, 200, body);
}

function serveAggregated(document: JsonObject, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Cache-Control', 'public');
  if (!isKnown(openApiHash(document), request, response))
    send(response, 200, AGGREGATED, `${JSON.stringify(document)}\n`);
}

function discoveryDocument(registry: Registry, path: string, accept: string | undefined): JsonObject | undefined {
  const [root, first = '', second = '', ...more] = path.replace(/\/$/, '').split('/').slice(1);
  if (more.length > 0 || path.includes('//')) return undefined;
  if (root === 'api') {
    if (!first) return wantsAggregatedDiscovery(accept) ? aggregatedDiscovery(registry, true) : apiVersions();
    return second ? undefined : apiResourceList(registry, '', first);
  }
  if (root !== 'apis') return undefined;
  if (!first) return wantsAggregatedDiscovery(accept) ? aggregatedDiscovery(registry, false) : apiGroupList(registry);
  return second ? apiResourceList(registry, first, second) : apiGroup(registry, first);
}
