import type { IncomingMessage, ServerResponse } from 'node:http';
import { nowOf } from '../rest/api.ts';
import { APPLY } from '../rest/apply.ts';
import { parseBody } from '../rest/decode.ts';
import { methodNotAllowed, unauthorized } from '../status/api-error.ts';
import { VERSION } from '../version.ts';
import type { ApiMetrics, Asked } from './api-metrics.ts';
import { impersonationError } from './authenticate.ts';
import { send, sendError, sendJson, sendText } from './respond.ts';
import { answerReview, type Caller, findReview } from './reviews.ts';
import { parseRoute } from './route.ts';
import { type Documents, serveDocument } from './serve-document.ts';
import { bodyOf, isWatch, mediaTypeOf, type ResourceServer, serveResource } from './serve-resource.ts';
import { SNAPSHOT_PATH, serveSnapshot } from './serve-snapshot.ts';

/** What the whole server answers from. */
export interface Site extends ResourceServer {
  isAuthorized: (header: string | undefined) => boolean;
  caller: Caller;
  openApi: Documents['openApi'];
  /** Copies the database; undefined where it is in memory. */
  takeSnapshot: (() => Promise<string>) | undefined;
  metrics: ApiMetrics;
  /** A fault of the server itself. */
  onFault: (error: unknown) => void;
}

const HEALTH = new Set(['/healthz', '/readyz', '/livez']);

/** Answers any request. Never rejects. */
export async function handle(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { metrics } = site;
  const { method } = request;
  const beganAt = metrics.began(method);
  const asked: Asked = {};
  try {
    await dispatch(site, request, response, asked);
  } catch (error) {
    sendError(response, error, site.onFault);
    request.resume();
  }
  metrics.ended(method, asked, response.statusCode, beganAt);
}

async function dispatch(site: Site, request: IncomingMessage, response: ServerResponse, asked: Asked): Promise<void> {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (servePublic(path, request, response)) return;
  if (!site.isAuthorized(request.headers.authorization)) throw unauthorized();
  const impersonation = impersonationError(request.headers, site.caller.username);
  if (impersonation) throw impersonation;
  if (path === SNAPSHOT_PATH && site.takeSnapshot) return serveSnapshot(site.takeSnapshot, request, response);
  if (path === '/metrics') return serveMetrics(site, request, response);
  const route = parseRoute(path);
  const resource = route && site.api.registry.find(route.group, route.version, route.plural);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  if (route && resource) {
    asked.route = route;
    asked.isWatch = isWatch(query);
    asked.isApply = mediaTypeOf(request) === APPLY;
    return serveResource({ server: site, resource, route, query, request, response });
  }
  const review = findReview(path);
  if (review) return serveReview(site, review, request, response);
  const { registry, clock } = site.api;
  serveDocument({ registry, clock, openApi: site.openApi }, { path, query }, request, response);
}

function servePublic(path: string, request: IncomingMessage, response: ServerResponse): boolean {
  const isHealth = HEALTH.has(path);
  if (!isHealth && path !== '/version' && path !== '/version/') return false;
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  if (isHealth) sendText(response, 200, 'ok');
  else sendJson(response, 200, VERSION);
  return true;
}

async function serveMetrics({ metrics }: Site, { method }: IncomingMessage, response: ServerResponse): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed();
  const { contentType, body } = await metrics.meter.expose();
  send(response, 200, contentType, body);
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
