/**
 * The messages of the built-in kinds that clients send as protobuf, with the field numbers of Kubernetes' `generated.proto` files at 1.34.
 * kubectl does so for `create configmap|secret|namespace` and `auth can-i`, whatever the server offers.
 */
export type FieldType =
  | { kind: 'string' | 'bytes' | 'int' | 'bool' | 'time' | 'microTime' }
  | { kind: 'message'; of: Message }
  | { kind: 'list'; of: FieldType }
  | { kind: 'map'; of: FieldType };

/** A field by its number. A pointer in Go keeps its zero value; any other zero value means absent. */
export interface Field {
  name: string;
  type: FieldType;
  pointer: boolean;
}

export interface Message {
  readonly fields: ReadonlyMap<number, Field>;
}

const string: FieldType = { kind: 'string' };
const bytes: FieldType = { kind: 'bytes' };
const int: FieldType = { kind: 'int' };
const bool: FieldType = { kind: 'bool' };
const time: FieldType = { kind: 'time' };
const microTime: FieldType = { kind: 'microTime' };
const listOf = (of: FieldType): FieldType => ({ kind: 'list', of });
const mapOf = (of: FieldType): FieldType => ({ kind: 'map', of });

/** `{ 3: ['name', type] }`; a name that ends in `?` is a pointer. */
function message(fields: Record<number, [string, FieldType | Message]>): Message {
  const entries = Object.entries(fields).map(([number, [name, type]]): [number, Field] => {
    const field: FieldType = 'fields' in type ? { kind: 'message', of: type } : type;
    return [Number(number), { name: name.replace('?', ''), type: field, pointer: name.endsWith('?') }];
  });
  return { fields: new Map(entries) };
}

const owner = message({
  5: ['apiVersion', string],
  1: ['kind', string],
  3: ['name', string],
  4: ['uid', string],
  6: ['controller?', bool],
  7: ['blockOwnerDeletion?', bool],
});

const metadata = message({
  1: ['name', string],
  2: ['generateName', string],
  3: ['namespace', string],
  5: ['uid', string],
  6: ['resourceVersion', string],
  7: ['generation', int],
  8: ['creationTimestamp', time],
  9: ['deletionTimestamp?', time],
  10: ['deletionGracePeriodSeconds?', int],
  11: ['labels', mapOf(string)],
  12: ['annotations', mapOf(string)],
  13: ['ownerReferences', listOf({ kind: 'message', of: owner })],
  14: ['finalizers', listOf(string)],
});

const reference = message({
  1: ['kind', string],
  2: ['namespace', string],
  3: ['name', string],
  4: ['uid', string],
  5: ['apiVersion', string],
  6: ['resourceVersion', string],
  7: ['fieldPath', string],
});

const event = message({
  1: ['metadata', metadata],
  2: ['involvedObject', reference],
  3: ['reason', string],
  4: ['message', string],
  5: ['source', message({ 1: ['component', string], 2: ['host', string] })],
  6: ['firstTimestamp', time],
  7: ['lastTimestamp', time],
  8: ['count', int],
  9: ['type', string],
  10: ['eventTime', microTime],
  11: ['series?', message({ 1: ['count', int], 2: ['lastObservedTime', microTime] })],
  12: ['action', string],
  13: ['related?', reference],
  14: ['reportingComponent', string],
  15: ['reportingInstance', string],
});

const lease = message({
  1: ['metadata', metadata],
  2: [
    'spec',
    message({
      1: ['holderIdentity?', string],
      2: ['leaseDurationSeconds?', int],
      3: ['acquireTime?', microTime],
      4: ['renewTime?', microTime],
      5: ['leaseTransitions?', int],
    }),
  ],
});

const requirement = message({ 1: ['key', string], 2: ['operator', string], 3: ['values', listOf(string)] });
const selector = message({
  1: ['rawSelector', string],
  2: ['requirements', listOf({ kind: 'message', of: requirement })],
});

const accessSpec = message({
  1: [
    'resourceAttributes?',
    message({
      1: ['namespace', string],
      2: ['verb', string],
      3: ['group', string],
      4: ['version', string],
      5: ['resource', string],
      6: ['subresource', string],
      7: ['name', string],
      8: ['fieldSelector?', selector],
      9: ['labelSelector?', selector],
    }),
  ],
  2: ['nonResourceAttributes?', message({ 1: ['path', string], 2: ['verb', string] })],
});

/** The messages by `apiVersion, kind`. */
export const MESSAGES: ReadonlyMap<string, Message> = new Map([
  [
    'v1, ConfigMap',
    message({
      1: ['metadata', metadata],
      4: ['immutable?', bool],
      2: ['data', mapOf(string)],
      3: ['binaryData', mapOf(bytes)],
    }),
  ],
  [
    'v1, Secret',
    message({
      1: ['metadata', metadata],
      5: ['immutable?', bool],
      2: ['data', mapOf(bytes)],
      4: ['stringData', mapOf(string)],
      3: ['type', string],
    }),
  ],
  [
    'v1, Namespace',
    message({
      1: ['metadata', metadata],
      2: ['spec', message({ 1: ['finalizers', listOf(string)] })],
      3: ['status', message({ 1: ['phase', string] })],
    }),
  ],
  ['v1, Event', event],
  ['coordination.k8s.io/v1, Lease', lease],
  ['authorization.k8s.io/v1, SelfSubjectAccessReview', message({ 1: ['metadata', metadata], 2: ['spec', accessSpec] })],
  [
    'authorization.k8s.io/v1, SelfSubjectRulesReview',
    message({ 1: ['metadata', metadata], 2: ['spec', message({ 1: ['namespace', string] })] }),
  ],
  ['authentication.k8s.io/v1, SelfSubjectReview', message({ 1: ['metadata', metadata] })],
  [
    'v1, DeleteOptions',
    message({
      1: ['gracePeriodSeconds?', int],
      2: ['preconditions?', message({ 1: ['uid?', string], 2: ['resourceVersion?', string] })],
      3: ['orphanDependents?', bool],
      4: ['propagationPolicy?', string],
      5: ['dryRun', listOf(string)],
    }),
  ],
]);
