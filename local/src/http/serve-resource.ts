import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from '../json/json.ts';
import type { KubeObject } from '../json/kube-object.ts';
import { PROTOBUF_MEDIA_TYPE } from '../protobuf/decode.ts';
import { objectKey, type Resource } from '../registry/resource.ts';
import type { Api, Target, WriteOptions, WriteResult } from '../rest/api.ts';
import { APPLY } from '../rest/apply.ts';
import { createObject } from '../rest/create.ts';
import type { Body } from '../rest/decode.ts';
import { deleteEntries, deleteObject } from '../rest/delete.ts';
import { readDeleteOptions } from '../rest/delete-options.ts';
import { listObjects, selectEntries } from '../rest/list.ts';
import { readListOptions } from '../rest/list-options.ts';
import { patchObject, patchTypes } from '../rest/patch.ts';
import { replaceObject } from '../rest/update.ts';
import {
  ApiError,
  badRequest,
  methodNotAllowed,
  methodNotSupported,
  noSuchResource,
  notFound,
  unsupportedMediaType,
} from '../status/api-error.ts';
import type { StoredState } from '../store/stored-state.ts';
import type { WatchHub } from '../watch/watch-hub.ts';
import { negotiate } from './accept.ts';
import { readBody } from './read-body.ts';
import { metadataOnly } from './representation/metadata-only.ts';
import type { Representation } from './representation/representation.ts';
import { includeObjectOf, tableOf } from './representation/table.ts';
import { whole } from './representation/whole.ts';
import { send, sendJson, setWarnings } from './respond.ts';
import type { ResourceRoute } from './route.ts';
import { sendList } from './send-list.ts';
import { type OpenWatches, serveWatch, type WatchSettings } from './serve-watch.ts';
import { readWriteOptions } from './write-options.ts';

/** What serves resources. */
export interface ResourceServer {
  api: Api;
  hub: WatchHub;
  watches: OpenWatches;
  watchSettings: WatchSettings;
}

/** One request for a resource. */
export interface Exchange {
  server: ResourceServer;
  resource: Resource;
  route: ResourceRoute;
  query: URLSearchParams;
  request: IncomingMessage;
  response: ServerResponse;
}

const BODY_FORMATS: { readonly [mediaType: string]: Body['format'] } = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  [PROTOBUF_MEDIA_TYPE]: 'protobuf',
};

/** Of a request's body, lower case, without parameters. */
export function mediaTypeOf(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function representationOf(exchange: Exchange, isList: boolean): Representation {
  const wanted = negotiate(exchange.request.headers.accept, isList);
  if (wanted.form === 'whole') return whole;
  if (wanted.form === 'metadata') return metadataOnly;
  return tableOf(wanted.apiVersion, includeObjectOf(exchange.query), exchange.server.api.clock);
}

/** A request body in any format that is read. @throws ApiError 415 */
export async function bodyOf(request: IncomingMessage): Promise<Body> {
  const mediaType = request.headers['content-type'] ? mediaTypeOf(request) : 'application/json';
  const format = BODY_FORMATS[mediaType];
  if (!format) throw unsupportedMediaType(Object.keys(BODY_FORMATS));
  return { bytes: await readBody(request), format };
}

function targetOf({ resource, route }: Exchange): Target {
  const { namespace, name, subresource } = route;
  return { resource, namespace, name, subresource };
}

/** Serves one request for a resource. @throws ApiError */
export async function serveResource(exchange: Exchange): Promise<void> {
  const { route, request, resource } = exchange;
  checkScope(exchange);
  checkSubresource(exchange);
  switch (request.method) {
    case 'GET':
      return route.name && !isWatch(exchange.query) ? get(exchange) : list(exchange);
    case 'POST':
      if (route.subresource) throw methodNotSupported(resource, 'create');
      if (route.name) throw methodNotAllowed();
      return create(exchange);
    case 'PUT':
      if (!route.name) throw methodNotAllowed();
      return update(exchange);
    case 'PATCH':
      if (!route.name) throw methodNotAllowed();
      return patch(exchange);
    case 'DELETE':
      if (route.subresource) throw methodNotSupported(resource, 'delete');
      return route.name ? remove(exchange) : removeCollection(exchange);
    default:
      return serveOtherMethod(exchange);
  }
}

/** HEAD, a GET whose body is not sent: as in the real server only custom resources have it. Anything else is refused. */
function serveOtherMethod(exchange: Exchange): Promise<void> | void {
  const { route, request, resource } = exchange;
  if (!resource.custom) throw methodNotAllowed();
  if (request.method !== 'HEAD') throw methodNotSupported(resource, '');
  return route.name ? get(exchange) : list(exchange);
}

/** A namespaced object has a namespace in its path, and no other has; only reads go across namespaces. */
function checkScope({ resource, route, request }: Exchange): void {
  if (!resource.namespaced && route.namespace) throw noSuchResource(request.url ?? '');
  if (!resource.namespaced || route.namespace) return;
  if (route.name) throw notFound(resource, route.name);
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
}

/** Custom resources answer a subresource that they lack as an object that is not there; for built-in kinds there is no such path. */
function checkSubresource({ resource, route, request }: Exchange): void {
  if (!route.subresource || (route.subresource === 'status' && resource.hasStatus)) return;
  throw resource.custom ? notFound(resource, route.name) : noSuchResource(request.url ?? '');
}

/** Whether a query asks for a watch. */
export function isWatch(query: URLSearchParams): boolean {
  const text = query.get('watch');
  return text !== null && text !== 'false' && text !== '0';
}

function get(exchange: Exchange): void {
  const { server, resource, route, response } = exchange;
  const representation = representationOf(exchange, false);
  const { store } = server.api;
  const entry = store.entry(resource.storage, objectKey(resource, route.namespace, route.name));
  if (!entry) throw notFound(resource, route.name);
  send(
    response,
    200,
    representation.contentType,
    representation.stored(resource, { rev: entry.rev, bytes: store.bytes(entry) }),
  );
}

async function list(exchange: Exchange): Promise<void> {
  const { server, resource, route, query, response } = exchange;
  const options = readListOptions(resource, query, route.name);
  const representation = representationOf(exchange, !options.isWatch);
  if (options.isWatch) {
    const request = { resource, namespace: route.namespace, options, representation };
    return serveWatch(server.api, server.hub, server.watchSettings, server.watches, request, response);
  }
  const { store, clock } = server.api;
  const page = listObjects(server.api, resource, route.namespace, options);
  const states = store.statesAt(page.revision, page.revs);
  await sendList(response, representation.contentType, representation.list(resource, page), states, clock);
}

/** Answers a write. What it warns of is said of a refused one too. */
function answerWrite(
  exchange: Exchange,
  representation: Representation,
  options: WriteOptions,
  run: () => WriteResult,
): void {
  let result: WriteResult;
  try {
    result = run();
  } finally {
    setWarnings(exchange.response, options.warnings);
  }
  answer(exchange, representation, result, options.dryRun);
}

function answer(
  exchange: Exchange,
  representation: Representation,
  { code, object }: WriteResult,
  dryRun: boolean,
): void {
  const { resource, response } = exchange;
  const written = dryRun ? undefined : writtenState(exchange, object);
  const body = written ? representation.stored(resource, written) : representation.object(resource, object);
  send(response, code, representation.contentType, body);
}

/** What was just written lies in the store as bytes: it need not be encoded once more. */
function writtenState({ server, resource }: Exchange, { metadata }: KubeObject): StoredState | undefined {
  const { store } = server.api;
  const entry = store.entry(resource.storage, objectKey(resource, metadata.namespace ?? '', metadata.name));
  return entry && String(entry.rev) === metadata.resourceVersion
    ? { rev: entry.rev, bytes: store.bytes(entry) }
    : undefined;
}

async function create(exchange: Exchange): Promise<void> {
  const { server, resource, route, request } = exchange;
  const options = readWriteOptions(exchange, 'CreateOptions');
  const representation = representationOf(exchange, false);
  const body = await bodyOf(request);
  const run = () => createObject(server.api, resource, route.namespace, body, options);
  answerWrite(exchange, representation, options, run);
}

async function update(exchange: Exchange): Promise<void> {
  const options = readWriteOptions(exchange, 'UpdateOptions');
  const representation = representationOf(exchange, false);
  const body = await bodyOf(exchange.request);
  const run = () => replaceObject(exchange.server.api, targetOf(exchange), body, options);
  answerWrite(exchange, representation, options, run);
}

async function patch(exchange: Exchange): Promise<void> {
  const mediaType = mediaTypeOf(exchange.request);
  if (!patchTypes(exchange.resource).includes(mediaType)) throw unsupportedPatch(exchange.resource);
  const representation = representationOf(exchange, false);
  const options = readWriteOptions(exchange, 'PatchOptions', mediaType === APPLY);
  const body: Body = { bytes: await readBody(exchange.request), format: 'json' };
  const run = () => patchObject(exchange.server.api, targetOf(exchange), mediaType, body, options);
  answerWrite(exchange, representation, options, run);
}

/** Custom resources say what they take. */
function unsupportedPatch(resource: Resource): ApiError {
  if (resource.custom) return unsupportedMediaType(patchTypes(resource));
  return new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

async function remove(exchange: Exchange): Promise<void> {
  const { server, resource, query, request, response } = exchange;
  const representation = representationOf(exchange, false);
  const options = readDeleteOptions(await bodyOf(request), query);
  const { gone, body } = deleteObject(server.api, targetOf(exchange), options);
  if (gone) sendJson(response, 200, body as JsonObject);
  else send(response, 200, representation.contentType, representation.object(resource, body as KubeObject));
}

async function removeCollection(exchange: Exchange): Promise<void> {
  const { server, resource, route, query, request, response } = exchange;
  if (resource.kind === 'Namespace') throw methodNotAllowed();
  const listOptions = readListOptions(resource, query);
  const options = readDeleteOptions(await bodyOf(request), query);
  if (listOptions.isWatch) throw badRequest('a collection is deleted, not watched');
  const entries = selectEntries(server.api, resource, route.namespace, listOptions);
  const states = deleteEntries(server.api, resource, entries, options).map((object) => ({
    rev: Number(object.metadata.resourceVersion),
    bytes: Buffer.from(JSON.stringify(object)),
  }));
  const head = { revision: server.api.store.revision, continueToken: undefined, remaining: undefined };
  await sendList(response, 'application/json', whole.list(resource, head), states, server.api.clock);
}
