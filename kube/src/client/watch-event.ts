import type { KubeObject } from '@dark-carnival/crds';
import { ApiError, readStatus } from './api-error.ts';

/** What a watch tells. A bookmark carries only the resourceVersion up to which everything was told. */
export type WatchEvent<T extends KubeObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'BOOKMARK'; resourceVersion: string };

/** A line of a watch is no event: cut off, or not JSON. Never swallowed (client-node does: client-node-defects.test.ts, 10). */
export class MalformedEventError extends Error {
  override readonly name = 'MalformedEventError';
}

/**
 * Reads one line of a watch.
 * @throws MalformedEventError, or the ApiError that an ERROR event carries.
 */
export function parseWatchLine<T extends KubeObject>(line: string, request: string): WatchEvent<T> {
  const { type, object } = parseLine(line);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      if (typeof object.metadata?.name !== 'string') throw new MalformedEventError(`${type} event without a name`);
      return { type, object: object as T };
    case 'BOOKMARK':
      return { type, resourceVersion: String(object.metadata?.resourceVersion ?? '') };
    case 'ERROR':
      throw new ApiError(readStatus(object) ?? unknownError(), request);
    default:
      throw new MalformedEventError(`event of unknown type ${JSON.stringify(type)?.slice(0, 40)}`);
  }
}

function parseLine(line: string): { type: unknown; object: Partial<KubeObject> } {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    throw new MalformedEventError(`a line of ${line.length} characters is not JSON`);
  }
  const { type, object } = (typeof event === 'object' && event !== null ? event : {}) as Record<string, unknown>;
  if (typeof object !== 'object' || object === null) throw new MalformedEventError('an event without object');
  return { type, object: object as Partial<KubeObject> };
}

const unknownError = () => ({
  apiVersion: 'v1' as const,
  kind: 'Status' as const,
  status: 'Failure' as const,
  code: 500,
  reason: 'InternalError',
  message: 'the watch sent an ERROR event without a Status',
});
