import type { ServerResponse } from 'node:http';
import type { Resource } from '../registry/resource.ts';
import type { Api } from '../rest/api.ts';
import { selectEntries } from '../rest/list.ts';
import type { ListOptions } from '../rest/list-options.ts';
import { expired } from '../status/api-error.ts';
import type { WatchHub } from '../watch/watch-hub.ts';
import type { Representation } from './representation/representation.ts';
import { WatchStream } from './watch-stream.ts';

/** Times and bounds of watches. */
export interface WatchSettings {
  bookmarkIntervalMs: number;
  /** A watch without its own timeout ends after this, up to twice as long. */
  timeoutMs: number;
  maxBacklogBytes: number;
}

/** The watches that are open, so that a stopping server can end them. */
export type OpenWatches = Set<WatchStream>;

export interface WatchRequest {
  resource: Resource;
  namespace: string;
  options: ListOptions;
  representation: Representation;
}

/** Serves a watch from a revision on, or from the present state. Resolves once live events are all that is left to send. */
export async function serveWatch(
  api: Api,
  hub: WatchHub,
  settings: WatchSettings,
  open: OpenWatches,
  request: WatchRequest,
  response: ServerResponse,
): Promise<void> {
  const { resource, namespace, options, representation } = request;
  const { resourceVersion, sendInitialEvents } = options;
  const startsNow = sendInitialEvents ?? !resourceVersion;
  const entries = startsNow ? selectEntries(api, resource, namespace, options) : [];
  const missed = startsNow || !resourceVersion ? [] : hub.eventsAfter(resource.storage, resourceVersion);
  const stream = new WatchStream(response, {
    resource,
    representation,
    scope: { selection: options.selection, keyPrefix: resource.namespaced && namespace ? `${namespace}/` : '' },
    store: api.store,
    clock: api.clock,
    bookmarkIntervalMs: options.allowWatchBookmarks
      ? settings.bookmarkIntervalMs * (0.9 + 0.2 * api.random())
      : undefined,
    timeoutMs: options.timeoutSeconds ? options.timeoutSeconds * 1000 : settings.timeoutMs * (1 + api.random()),
    maxBacklogBytes: settings.maxBacklogBytes,
    onClose: () => {
      hub.remove(resource.storage, stream);
      open.delete(stream);
    },
  });
  if (!missed) {
    const oldest = api.store.compacted;
    stream.fail(expired(`too old resource version: ${resourceVersion} (${oldest})`).toStatus());
    return;
  }
  open.add(stream);
  // From here on nothing is missed: the start is taken in the same turn that begins to listen.
  hub.add(resource.storage, stream);
  const states = api.store.statesAt(
    api.store.revision,
    entries.map(({ rev }) => rev),
  );
  await stream.start(states, missed, sendInitialEvents === true && options.allowWatchBookmarks);
}
