import { type JsonObject, listAt, objectAt, stringAt } from '../json/json.ts';
import { bool, int32, listOf, string, struct } from '../registry/builtin/go-fields.ts';
import { decodeGo, GoDecodeError } from '../registry/builtin/go-type.ts';
import { fieldError } from '../schema/field-error.ts';
import { badRequest, invalid } from '../status/api-error.ts';
import { type Body, parseBody } from './decode.ts';

/** How a deletion treats what the object owns. */
export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

/** The part of `meta/v1 DeleteOptions` that matters here: nothing has a grace period. */
export interface DeleteOptions {
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  propagationPolicy?: PropagationPolicy | undefined;
  dryRun: boolean;
}

const POLICIES = ['Foreground', 'Background', 'Orphan'] as const;

const WIRE_OPTIONS = struct('DeleteOptions', {
  apiVersion: string,
  kind: string,
  gracePeriodSeconds: int32,
  preconditions: struct('Preconditions', { uid: string, resourceVersion: string }),
  orphanDependents: bool,
  propagationPolicy: string,
  dryRun: listOf(string),
});

function policyOf(policy: string | null | undefined, orphan: boolean | undefined): PropagationPolicy | undefined {
  if (typeof orphan === 'boolean') return orphan ? 'Orphan' : 'Background';
  if (!policy) return undefined;
  const known = POLICIES.find((item) => item === policy);
  if (known) return known;
  const errors = [fieldError.notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil'])];
  throw invalid('meta.k8s.io', 'DeleteOptions', '', errors);
}

function textOrNull(text: string | null): boolean | undefined {
  return text === null ? undefined : text === 'true' || text === '1';
}

/** Reads the options from the body, or from the query where there is no body. @throws ApiError */
export function readDeleteOptions(body: Body | undefined, query: URLSearchParams): DeleteOptions {
  if (!body || body.bytes.length === 0) {
    const policy = policyOf(query.get('propagationPolicy'), textOrNull(query.get('orphanDependents')));
    return { propagationPolicy: policy, dryRun: query.getAll('dryRun').includes('All') };
  }
  const given = decodeOptions(parseBody(body, 'DeleteOptions'));
  const preconditions = objectAt(given, 'preconditions');
  const orphan = given['orphanDependents'];
  return {
    uid: stringAt(preconditions, 'uid'),
    resourceVersion: stringAt(preconditions, 'resourceVersion'),
    propagationPolicy: policyOf(stringAt(given, 'propagationPolicy'), typeof orphan === 'boolean' ? orphan : undefined),
    dryRun: listAt(given, 'dryRun').includes('All') || query.getAll('dryRun').includes('All'),
  };
}

function decodeOptions(value: JsonObject): JsonObject {
  try {
    return decodeGo(value, WIRE_OPTIONS, { go: 'DeleteOptions', json: '' }, []) as JsonObject;
  } catch (error) {
    if (error instanceof GoDecodeError) throw badRequest(error.message);
    throw error;
  }
}
