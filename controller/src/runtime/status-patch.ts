import type { KubeObject, ResourceRef } from '@dark-carnival/crds';
import { ApiError, type JsonPatchOperation, type KubeClient, type Patch } from '@dark-carnival/kube';
import { jsonDiff, mergeDiff, sameJson } from './json-diff.ts';
import { asTransient } from './outcome.ts';
import { TransientError } from './reconcile-errors.ts';

export interface StatusPatchOptions {
  /**
   * `Required`: the write is refused when the object changed since it was read. For whatever decides on what it read (a phase, a decision taken from spec). Default
   * `NotRequired`: only the changed members are written, over whatever is there.
   */
  lock?: 'Required' | 'NotRequired';
  /** `json` also replaces members of maps that hold null, and lets `tests` guard the write. Default `merge`. */
  form?: 'merge' | 'json';
  /** JSON pointers and the values that must be there for the write to happen; implies `json`. */
  tests?: readonly { path: string; value: unknown }[];
  fieldManager?: string;
  signal?: AbortSignal;
}

/** The patch that brings the status of `object` to `after`; undefined when it is that already. Pure. */
export function statusPatch<Status extends object>(
  object: KubeObject<unknown, Status>,
  after: Status,
  options: StatusPatchOptions = {},
): Patch | undefined {
  const before = object.status as Readonly<Record<string, unknown>> | undefined;
  const wanted = after as Readonly<Record<string, unknown>>;
  if (sameJson(before ?? {}, wanted)) return undefined;
  const { resourceVersion } = object.metadata;
  const locked = options.lock === 'Required' && resourceVersion !== undefined;
  if (options.form === 'json' || options.tests) {
    const tests = (options.tests ?? []).map(({ path, value }): JsonPatchOperation => ({ op: 'test', path, value }));
    const lock: JsonPatchOperation = { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion };
    return { type: 'json', operations: [...(locked ? [lock] : []), ...tests, ...jsonDiff('/status', before, wanted)] };
  }
  const body = { status: mergeDiff(before ?? {}, wanted) };
  return { type: 'merge', body: locked ? { metadata: { resourceVersion }, ...body } : body };
}

/**
 * Writes the status of an object, in one request, if it differs from what `object` has; a settled object costs no write.
 * @returns the object as the server has it now, or undefined when nothing was sent.
 * @throws TransientError: `Conflict` (silent) when somebody else wrote first or a test did not hold, else when the API is unwell. What the schema refuses throws ApiError.
 */
export async function patchStatus<T extends KubeObject<unknown, object>>(
  client: KubeClient,
  resource: ResourceRef,
  object: T,
  after: NonNullable<T['status']>,
  options: StatusPatchOptions = {},
): Promise<T | undefined> {
  const patch = statusPatch(object, after, options);
  if (!patch) return undefined;
  const { fieldManager, signal } = options;
  try {
    return await client.patch<T>(resource, object.metadata, patch, {
      subresource: 'status',
      ...(fieldManager === undefined ? {} : { fieldManager }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    throw translate(error, patch);
  }
}

/** A failed JSON patch test comes as 422 without causes, where a schema error names the field. */
function translate(error: unknown, patch: Patch): unknown {
  const tested = patch.type === 'json' && patch.operations.some(({ op }) => op === 'test');
  if (tested && error instanceof ApiError && error.code === 422 && !error.status.details?.causes?.length) {
    return new TransientError('Conflict', error.message, { cause: error, silent: true });
  }
  return asTransient(error) ?? error;
}
