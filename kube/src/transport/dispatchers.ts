import { createRequire } from 'node:module';
import type { Agent, Dispatcher, Pool } from 'undici';

/**
 * The connections of undici without what else it carries (fetch, mocks, caches, WebSocket): importing the whole package costs each process 13 MB and
 * 70 ms. It has no entry for its parts, so these are files of it; the tests of both transports fail where an update moves them.
 */
const require = createRequire(import.meta.url);
const PoolOfUndici: typeof Pool = require('undici/lib/dispatcher/pool.js');
const AgentOfUndici: typeof Agent = require('undici/lib/dispatcher/agent.js');
// `request` and `stream` of a dispatcher, as the package's own entry adds them.
Object.assign(require('undici/lib/dispatcher/dispatcher.js').prototype, require('undici/lib/api/index.js'));

/** Connections to one origin. */
export const createPool = (origin: string, options: Pool.Options): Pool => new PoolOfUndici(origin, options);

/** Connections to any origin, a pool for each. */
export const createAgent = (options: Agent.Options): Agent => new AgentOfUndici(options);

/** One request to an absolute http(s) URL. @throws an error of the network. */
export function request(
  dispatcher: Dispatcher,
  url: string,
  options: Omit<Dispatcher.RequestOptions, 'origin' | 'path'>,
): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = new URL(url);
  return dispatcher.request({ ...options, origin, path: `${pathname}${search}` });
}
