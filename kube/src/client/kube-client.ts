import type { KubeList, KubeObject, ListMeta, ResourceRef } from '@dark-carnival/crds';
import { type Clock, systemClock } from '@dark-carnival/crds/clock';
import type { KubeRequest, KubeResponse, KubeStream, Query, Transport } from '../transport/transport.ts';
import { ApiError, toApiError } from './api-error.ts';
import { encodePatch, type Patch } from './patch.ts';
import { apiVersionOf, collectionPath, type ObjectRef, objectPath } from './paths.ts';
import { parseWatchLine, type WatchEvent } from './watch-event.ts';

/** Which objects. Without `namespace`: of all namespaces. */
export interface Selection {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

export interface ListOptions extends Selection {
  /** Objects per page (default 500), never in total: all pages are fetched. */
  limit?: number;
  /** Default: none, which is a consistent read. */
  resourceVersion?: string;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export interface WatchOptions extends Selection {
  /** Where to go on from; without it the watch begins with an ADDED for each object. */
  resourceVersion?: string;
  /** The server ends the watch after this long. */
  timeoutSeconds?: number;
  signal?: AbortSignal;
}

export interface WriteOptions {
  fieldManager?: string;
  dryRun?: boolean;
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  signal?: AbortSignal;
  timeoutMs?: number;
}

export interface PatchOptions extends WriteOptions {
  subresource?: string;
}

export interface DeleteOptions {
  /** The delete is refused with 409 when the object is another one, or was changed. */
  preconditions?: { uid?: string; resourceVersion?: string };
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
  dryRun?: boolean;
  signal?: AbortSignal;
}

/** Default objects per page of a list (client-go's pager uses the same). */
export const PAGE_SIZE = 500;
const LIST_TIMEOUT_MS = 60_000;
/** An error's body is read up to this many characters. */
const MAX_ERROR_BODY = 65_536;

/** Objects of any kind over a Transport. Every method throws ApiError when the server refuses, TransportError when it does not answer. */
export class KubeClient {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #fieldManager: string | undefined;

  constructor(transport: Transport, options: { fieldManager?: string; clock?: Clock } = {}) {
    this.#transport = transport;
    this.#clock = options.clock ?? systemClock;
    this.#fieldManager = options.fieldManager;
  }

  /** Any request below the typed verbs, e.g. `/version`. A refusal throws, as everywhere. */
  async raw(request: KubeRequest): Promise<KubeResponse> {
    const answer = await this.#transport.request(request);
    if (answer.status >= 400) throw toApiError(request, answer, this.#clock.now());
    return answer;
  }

  get<T extends KubeObject>(
    resource: ResourceRef,
    ref: ObjectRef,
    options: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<T> {
    return this.#json<T>({ method: 'GET', path: objectPath(resource, ref), ...options });
  }

  /** As `get`; undefined where there is no such object, or no such kind. */
  async find<T extends KubeObject>(
    resource: ResourceRef,
    ref: ObjectRef,
    options: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<T | undefined> {
    try {
      return await this.get<T>(resource, ref, options);
    } catch (error) {
      if (error instanceof ApiError && error.isNotFound) return undefined;
      throw error;
    }
  }

  /** All objects of a selection, page by page: memory holds one page more than the caller keeps. */
  async *pages<T extends KubeObject>(
    resource: ResourceRef,
    options: ListOptions = {},
  ): AsyncGenerator<KubeList<T>, void, undefined> {
    let continueToken: string | undefined;
    do {
      const page = await this.#page<T>(resource, options, continueToken);
      yield page;
      continueToken = page.metadata.continue || undefined;
    } while (continueToken !== undefined);
  }

  /**
   * All objects of a selection at one resourceVersion. A list that takes so long that its continue token expires is begun again in one
   * piece.
   */
  async list<T extends KubeObject>(resource: ResourceRef, options: ListOptions = {}): Promise<KubeList<T>> {
    try {
      return await this.#wholeList<T>(resource, options);
    } catch (error) {
      const expired = error instanceof ApiError && error.isGone && options.resourceVersion === undefined;
      if (!expired) throw error;
      return this.#wholeList<T>(resource, { ...options, limit: 0 });
    }
  }

  create<T extends KubeObject>(resource: ResourceRef, object: T, options: WriteOptions = {}): Promise<T> {
    const path = collectionPath(resource, object.metadata.namespace);
    return this.#write<T>('POST', path, JSON.stringify(object), 'application/json', options);
  }

  /** Replaces the object; 409 unless `metadata.resourceVersion` is the newest (or absent). */
  update<T extends KubeObject>(resource: ResourceRef, object: T, options: WriteOptions = {}): Promise<T> {
    const path = objectPath(resource, object.metadata);
    return this.#write<T>('PUT', path, JSON.stringify(object), 'application/json', options);
  }

  /** Replaces the object's status and nothing else. */
  updateStatus<T extends KubeObject>(resource: ResourceRef, object: T, options: WriteOptions = {}): Promise<T> {
    const path = objectPath(resource, object.metadata, 'status');
    return this.#write<T>('PUT', path, JSON.stringify(object), 'application/json', options);
  }

  patch<T extends KubeObject>(
    resource: ResourceRef,
    ref: ObjectRef,
    patch: Patch,
    { subresource, ...options }: PatchOptions = {},
  ): Promise<T> {
    const { contentType, body } = encodePatch(patch);
    return this.#write<T>('PATCH', objectPath(resource, ref, subresource), body, contentType, options);
  }

  /** Begins deletion: an object with finalizers is still there afterwards, with a deletionTimestamp. */
  async delete(resource: ResourceRef, ref: ObjectRef, options: DeleteOptions = {}): Promise<void> {
    const { signal, dryRun, ...body } = options;
    await this.raw({
      method: 'DELETE',
      path: objectPath(resource, ref),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        ...body,
        ...(dryRun ? { dryRun: ['All'] } : {}),
      }),
      ...(signal ? { signal } : {}),
    });
  }

  /**
   * Opens a watch, always with bookmarks, and resolves once the server has accepted it. The iteration ends when the server ends the watch; an
   * ERROR event throws its ApiError. Leaving the loop or aborting `signal` closes the connection.
   */
  async watch<T extends KubeObject>(
    resource: ResourceRef,
    { signal, namespace, ...options }: WatchOptions = {},
  ): Promise<AsyncIterable<WatchEvent<T>>> {
    const request: KubeRequest = {
      method: 'GET',
      path: collectionPath(resource, namespace),
      query: { watch: true, allowWatchBookmarks: true, ...options },
      ...(signal ? { signal } : {}),
    };
    const answer = await this.#transport.stream(request);
    const isJson = (answer.headers['content-type'] ?? 'application/json').startsWith('application/json');
    if (answer.status !== 200 || !isJson) {
      throw toApiError(request, { ...answer, body: await readBounded(answer) }, this.#clock.now());
    }
    return parseEvents<T>(answer.lines, `${request.method} ${request.path}`);
  }

  async #page<T extends KubeObject>(
    resource: ResourceRef,
    options: ListOptions,
    continueToken: string | undefined,
  ): Promise<KubeList<T>> {
    const { namespace, limit = PAGE_SIZE, labelSelector, fieldSelector, resourceVersion, signal } = options;
    const query: Query = {
      labelSelector,
      fieldSelector,
      limit: limit > 0 ? limit : undefined,
      ...(continueToken === undefined ? { resourceVersion } : { continue: continueToken }),
    };
    const request: KubeRequest = {
      method: 'GET',
      path: collectionPath(resource, namespace),
      query,
      timeoutMs: options.timeoutMs ?? LIST_TIMEOUT_MS,
      ...(signal ? { signal } : {}),
    };
    return completeList(resource, await this.#json<KubeList<T>>(request));
  }

  async #wholeList<T extends KubeObject>(resource: ResourceRef, options: ListOptions): Promise<KubeList<T>> {
    const items: T[] = [];
    let metadata: ListMeta = {};
    for await (const page of this.pages<T>(resource, options)) {
      for (const item of page.items) items.push(item);
      metadata = page.metadata;
    }
    return { apiVersion: apiVersionOf(resource), kind: `${resource.kind}List`, metadata, items };
  }

  #write<T>(
    method: 'POST' | 'PUT' | 'PATCH',
    path: string,
    body: string,
    contentType: string,
    options: WriteOptions,
  ): Promise<T> {
    const { fieldManager = this.#fieldManager, dryRun, fieldValidation, signal, timeoutMs } = options;
    return this.#json<T>({
      method,
      path,
      query: { fieldManager, fieldValidation, dryRun: dryRun ? 'All' : undefined },
      headers: { 'content-type': contentType },
      body,
      ...(signal ? { signal } : {}),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  async #json<T>(request: KubeRequest): Promise<T> {
    const answer = await this.raw(request);
    try {
      const parsed: unknown = JSON.parse(answer.body);
      if (typeof parsed === 'object' && parsed !== null) return parsed as T;
    } catch {
      // Falls through: HTML of a captive proxy or a body that was cut off is an error with a clear text.
    }
    throw toApiError(request, answer, this.#clock.now());
  }
}

/** Items of built-in kinds come without apiVersion and kind; lists of a broken proxy come without items. */
function completeList<T extends KubeObject>(resource: ResourceRef, list: KubeList<T>): KubeList<T> {
  const apiVersion = apiVersionOf(resource);
  const items = Array.isArray(list.items) ? list.items : [];
  for (const item of items) {
    item.apiVersion ??= apiVersion;
    item.kind ??= resource.kind;
  }
  return { ...list, metadata: list.metadata ?? {}, items };
}

async function* parseEvents<T extends KubeObject>(
  lines: AsyncIterable<string>,
  request: string,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  for await (const line of lines) yield parseWatchLine<T>(line, request);
}

async function readBounded({ lines }: KubeStream): Promise<string> {
  let body = '';
  for await (const line of lines) {
    body += `${line}\n`;
    if (body.length > MAX_ERROR_BODY) break;
  }
  return body;
}
