import { isJsonObject, type JsonObject, type JsonValue } from '../schema/index.ts';
import { type Column, CREATED_DESCRIPTION, define, NAME_DESCRIPTION } from './columns.ts';
import { ageOf } from './human-duration.ts';

/** The built-in resources whose tables are known; any other shows name and creation time. */
export type BuiltinTable = 'namespaces' | 'configmaps' | 'secrets' | 'events' | 'leases' | 'customresourcedefinitions';

const at = (object: JsonObject, ...path: string[]): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>((value, name) => (isJsonObject(value) ? value[name] : undefined), object);
const textAt = (object: JsonObject, ...path: string[]): string => {
  const value = at(object, ...path);
  return typeof value === 'string' ? value : '';
};
const sizeAt = (object: JsonObject, name: string) => Object.keys(at(object, name) ?? {}).length;

const name: Column = {
  definition: define('Name', NAME_DESCRIPTION, { format: 'name' }),
  cell: (object) => textAt(object, 'metadata', 'name'),
};
const age: Column = {
  definition: define('Age', CREATED_DESCRIPTION),
  cell: (object, now) => ageOf(at(object, 'metadata', 'creationTimestamp'), now),
};
const createdAt: Column = {
  definition: define('Created At', CREATED_DESCRIPTION, { type: 'date' }),
  cell: (object) => textAt(object, 'metadata', 'creationTimestamp'),
};

const firstSeen = (event: JsonObject, now: Date) => ageOf(at(event, 'firstTimestamp') ?? at(event, 'eventTime'), now);
const lastSeen = (event: JsonObject, now: Date) => {
  const series = at(event, 'series', 'lastObservedTime') ?? at(event, 'lastTimestamp');
  return series === undefined || series === null ? firstSeen(event, now) : ageOf(series, now);
};

function involved(event: JsonObject): string {
  const kind = textAt(event, 'involvedObject', 'kind').toLowerCase();
  const object = textAt(event, 'involvedObject', 'name');
  return object === '' ? kind : `${kind}/${object}`;
}

function source(event: JsonObject): string {
  const component = textAt(event, 'source', 'component') || textAt(event, 'reportingComponent');
  const instance = textAt(event, 'source', 'host') || textAt(event, 'reportingInstance');
  return instance === '' ? component : `${component}, ${instance}`;
}

const EVENTS: Column[] = [
  {
    definition: define('Last Seen', 'The time at which the most recent occurrence of this event was recorded.'),
    cell: lastSeen,
  },
  {
    definition: define('Type', 'Type of this event (Normal, Warning), new types could be added in the future'),
    cell: (event) => textAt(event, 'type'),
  },
  {
    definition: define(
      'Reason',
      "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
    ),
    cell: (event) => textAt(event, 'reason'),
  },
  { definition: define('Object', 'The object that this event is about.'), cell: involved },
  {
    definition: define(
      'Subobject',
      'If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: "spec.containers{name}" (where "name" refers to the name of the container that triggered the event) or if no container name is specified "spec.containers[2]" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object.',
      { priority: 1 },
    ),
    cell: (event) => textAt(event, 'involvedObject', 'fieldPath'),
  },
  {
    definition: define(
      'Source',
      'The component reporting this event. Should be a short machine understandable string.',
      { priority: 1 },
    ),
    cell: source,
  },
  {
    definition: define('Message', 'A human-readable description of the status of this operation.'),
    cell: (event) => textAt(event, 'message').trim(),
  },
  {
    definition: define(
      'First Seen',
      'The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)',
      { priority: 1 },
    ),
    cell: firstSeen,
  },
  {
    definition: define('Count', 'The number of times this event has occurred.', { priority: 1 }),
    cell: (event) => at(event, 'series', 'count') ?? (at(event, 'count') || 1),
  },
  { ...name, definition: { ...name.definition, priority: 1 } },
];

const data = (description: string): Column => ({
  definition: define('Data', description),
  cell: (object) => sizeAt(object, 'data') + sizeAt(object, 'binaryData'),
});

const TABLES: Record<BuiltinTable, Column[]> = {
  namespaces: [
    name,
    {
      definition: define('Status', 'The status of the namespace'),
      cell: (object) => textAt(object, 'status', 'phase'),
    },
    age,
  ],
  configmaps: [
    name,
    data(
      "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
    ),
    age,
  ],
  secrets: [
    name,
    {
      definition: define(
        'Type',
        'Used to facilitate programmatic handling of secret data. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types',
      ),
      cell: (object) => textAt(object, 'type'),
    },
    data(
      "Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4",
    ),
    age,
  ],
  events: EVENTS,
  leases: [
    name,
    {
      definition: define(
        'Holder',
        'holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader Election is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field.',
      ),
      cell: (object) => textAt(object, 'spec', 'holderIdentity'),
    },
    age,
  ],
  customresourcedefinitions: [name, createdAt],
};

/** The columns of a built-in resource, as `kubectl get` shows them on a real cluster. */
export function builtinColumns(resource: string): Column[] {
  return Object.hasOwn(TABLES, resource) ? TABLES[resource as BuiltinTable] : [name, createdAt];
}
