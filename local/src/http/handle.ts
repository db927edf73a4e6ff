import type { IncomingMessage, ServerResponse } from 'node:http';
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions } from '../discovery/discovery.ts';
import type { JsonObject } from '../json/json.ts';
import { OPENAPI_V2_CONTENT_TYPE, OPENAPI_V2_MEDIA_TYPE, openApiV2Document } from '../openapi/index.ts';
import { nowOf } from '../rest/api.ts';
import { parseBody } from '../rest/decode.ts';
import { methodNotAllowed, noSuchResource, unauthorized } from '../status/api-error.ts';
import { VERSION } from '../version.ts';
import { wantsAggregatedDiscovery } from './accept.ts';
import { impersonationError } from './authenticate.ts';
import { send, sendError, sendJson, sendText } from './respond.ts';
import { answerReview, type Caller, findReview } from './reviews.ts';
import { parseRoute } from './route.ts';
import { bodyOf, type ResourceServer, serveResource } from './serve-resource.ts';
import { SNAPSHOT_PATH, serveSnapshot } from './serve-snapshot.ts';

/** What the whole server answers from. */
export interface Site extends ResourceServer {
  isAuthorized: (header: string | undefined) => boolean;
  caller: Caller;
  /** Documents under /openapi; undefined when there is none at the path. */
  openApi: (path: string) => JsonObject | undefined;
  /** Copies the database; undefined where it is in memory. */
  takeSnapshot: (() => Promise<string>) | undefined;
  /** A fault of the server itself. */
  onFault: (error: unknown) => void;
}

const HEALTH = new Set(['/healthz', '/readyz', '/livez']);

/** Answers any request. Never rejects. */
export async function handle(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await dispatch(site, request, response);
  } catch (error) {
    sendError(response, error, site.onFault);
    request.resume();
  }
}

async function dispatch(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (servePublic(path, request, response)) return;
  if (!site.isAuthorized(request.headers.authorization)) throw unauthorized();
  const impersonation = impersonationError(request.headers, site.caller.username);
  if (impersonation) throw impersonation;
  if (path === SNAPSHOT_PATH && site.takeSnapshot) return serveSnapshot(site.takeSnapshot, request, response);
  const route = parseRoute(path);
  const resource = route && site.api.registry.find(route.group, route.version, route.plural);
  if (route && resource) {
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    return serveResource({ server: site, resource, route, query, request, response });
  }
  const review = findReview(path);
  if (review) return serveReview(site, review, request, response);
  serveDocument(site, path, request, response);
}

function servePublic(path: string, request: IncomingMessage, response: ServerResponse): boolean {
  const isHealth = HEALTH.has(path);
  if (!isHealth && path !== '/version' && path !== '/version/') return false;
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  if (isHealth) sendText(response, 200, 'ok');
  else sendJson(response, 200, VERSION);
  return true;
}

async function serveReview(
  site: Site,
  kind: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') throw methodNotAllowed();
  const body = parseBody(await bodyOf(request), kind);
  sendJson(response, 201, answerReview(kind, body, site.caller, nowOf(site.api)));
}

function serveOpenApiV2(accept: string | undefined, response: ServerResponse): void {
  const { json, protobuf } = openApiV2Document();
  if (accept?.includes(OPENAPI_V2_MEDIA_TYPE)) send(response, 200, OPENAPI_V2_CONTENT_TYPE, protobuf);
  else send(response, 200, 'application/json', json);
}

function serveDocument(site: Site, path: string, request: IncomingMessage, response: ServerResponse): void {
  const accept = request.headers.accept;
  if (path === '/openapi/v2') {
    serveOpenApiV2(accept, response);
    return;
  }
  const document = discoveryDocument(site, path, accept) ?? site.openApi(path);
  if (!document) throw noSuchResource(path);
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  const isAggregated = document['kind'] === 'APIGroupDiscoveryList';
  const contentType = isAggregated
    ? 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    : 'application/json';
  response.setHeader('Vary', 'Accept');
  send(response, 200, contentType, `${JSON.stringify(document)}\n`);
}

function discoveryDocument(site: Site, path: string, accept: string | undefined): JsonObject | undefined {
  const { registry } = site.api;
  const [root, first = '', second = '', ...more] = path.split('/').filter((segment) => segment !== '');
  if (more.length > 0) return undefined;
  if (root === 'api') {
    if (!first) return wantsAggregatedDiscovery(accept) ? aggregatedDiscovery(registry, true) : apiVersions();
    return second ? undefined : apiResourceList(registry, '', first);
  }
  if (root !== 'apis') return undefined;
  if (!first) return wantsAggregatedDiscovery(accept) ? aggregatedDiscovery(registry, false) : apiGroupList(registry);
  return second ? apiResourceList(registry, first, second) : apiGroup(registry, first);
}
