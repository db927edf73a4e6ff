import { type JsonObject, listAt, objectAt, stringAt } from '../json/json.ts';
import { bool, int64, listOf, string, struct } from '../registry/builtin/go-fields.ts';
import { decodeGo, GoDecodeError } from '../registry/builtin/go-type.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';
import { ApiError, invalid } from '../status/api-error.ts';
import { type Body, readObject, UnreadableBodyError, unknownKind } from './decode.ts';
import { queryInteger } from './query-integer.ts';

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
  gracePeriodSeconds: int64,
  preconditions: struct('Preconditions', { uid: string, resourceVersion: string }),
  orphanDependents: bool,
  propagationPolicy: string,
  dryRun: listOf(string),
});

/** What was given, not yet checked. */
interface Given {
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  policy: string | undefined;
  orphan: boolean | undefined;
  dryRun: readonly string[];
}

/** As `ValidateDeleteOptions` of apimachinery. @throws ApiError 422 */
function checked({ uid, resourceVersion, policy, orphan, dryRun }: Given): DeleteOptions {
  const errors: FieldError[] = [];
  const known = POLICIES.find((item) => item === policy);
  if (orphan !== undefined && policy !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(fieldError.invalid('propagationPolicy', policy, why));
  }
  if (policy !== undefined && known === undefined)
    errors.push(fieldError.notSupported('propagationPolicy', policy, [...POLICIES, 'nil']));
  if (dryRun.some((value) => value !== 'All')) errors.push(fieldError.notSupported('dryRun', [...dryRun], ['All']));
  if (errors.length > 0) throw invalid('meta.k8s.io', 'DeleteOptions', '', errors);
  const propagationPolicy = orphan === undefined ? known : orphan ? 'Orphan' : 'Background';
  return { uid, resourceVersion, propagationPolicy, dryRun: dryRun.length > 0 };
}

/** A boolean of a query: anything but `0` and `false` is true, also nothing at all. */
function flagOf(text: string | null): boolean | undefined {
  return text === null ? undefined : text !== '0' && text.toLowerCase() !== 'false';
}

function fromQuery(query: URLSearchParams): Given {
  // Nothing here has a grace period, but what is none is refused.
  queryInteger(query, 'gracePeriodSeconds');
  return {
    policy: query.get('propagationPolicy') ?? undefined,
    orphan: flagOf(query.get('orphanDependents')),
    dryRun: query.getAll('dryRun'),
  };
}

/** Reads the options from the body, or from the query where there is no body: never from both. @throws ApiError */
export function readDeleteOptions(body: Body | undefined, query: URLSearchParams): DeleteOptions {
  return checked(!body || body.bytes.length === 0 ? fromQuery(query) : fromBody(body));
}

/** What cannot be read is answered by the real server as if it were its own fault. @throws ApiError 500 */
function fromBody(body: Body): Given {
  try {
    const value = readObject(body);
    checkKind(value);
    decodeGo(value, WIRE_OPTIONS, { go: 'DeleteOptions', json: '' }, []);
    const preconditions = objectAt(value, 'preconditions');
    const orphan = value['orphanDependents'];
    return {
      uid: stringAt(preconditions, 'uid'),
      resourceVersion: stringAt(preconditions, 'resourceVersion'),
      policy: stringAt(value, 'propagationPolicy'),
      orphan: typeof orphan === 'boolean' ? orphan : undefined,
      dryRun: listAt(value, 'dryRun').map(String),
    };
  } catch (error) {
    if (error instanceof UnreadableBodyError || error instanceof GoDecodeError)
      throw new ApiError(500, '', error.message);
    throw error;
  }
}

/** @throws UnreadableBodyError */
function checkKind(value: JsonObject): void {
  const kind = stringAt(value, 'kind');
  if (!kind || kind === 'DeleteOptions') return;
  throw new UnreadableBodyError(unknownKind(kind, stringAt(value, 'apiVersion') ?? ''));
}
