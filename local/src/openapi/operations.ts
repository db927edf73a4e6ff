import type { JsonObject } from '../schema/index.ts';
import { kubernetesOpenApi } from './kubernetes-schemas.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const LIST =
  'allowWatchBookmarks continue fieldSelector labelSelector limit resourceVersion resourceVersionMatch sendInitialEvents timeoutSeconds watch'.split(
    ' ',
  );
const WRITE = ['dryRun', 'fieldManager', 'fieldValidation'];
const DELETE = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
];
const MEDIA = ['application/json', 'application/yaml'];
const PATCHES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];

/** What the operations on one resource share. */
export interface OperationContext {
  group: string;
  version: string;
  kind: string;
  namespaced: boolean;
  /** The names of the schemas of the object and of its list. */
  schema: string;
  listSchema: string;
  /** Built-in kinds also take strategic merge patches. */
  builtin: boolean;
}

/** The recorded descriptions of query parameters, in the order asked for. */
export function queryParameters(names: readonly string[]): JsonObject[] {
  const { parameters } = kubernetesOpenApi();
  return names.map((name) => parameters[name]).filter((parameter) => parameter !== undefined);
}

/** The parameters of a list that stand at the path where the list is its only operation. */
export const listParameters = () => queryParameters([...LIST, 'pretty'].sort());

const bodyOf = (schema: string, media: readonly string[]) =>
  Object.fromEntries(media.map((type) => [type, { schema: { $ref: `#/components/schemas/${schema}` } }]));
const answer = (description: string, schema: string): JsonObject => ({ description, content: bodyOf(schema, MEDIA) });
const article = (kind: string) => (/^[AEIOU]/i.test(kind) ? 'an' : 'a');
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** `darkcarnivalDev`, `core`, `coordination`: how operation ids and tags spell a group. */
function groupWord(group: string): string {
  if (group === '') return 'core';
  return group
    .replace(/\.k8s\.io$/, '')
    .split('.')
    .map((part, i) => (i === 0 ? part : capital(part)))
    .join('');
}

interface Operation {
  verb: string;
  action: string;
  description: string;
  /** The part of the operation id after the verb; by default the (namespaced) kind. */
  target?: string;
  parameters?: readonly string[];
  request?: { schema: string; media: readonly string[]; required: boolean };
  responses: JsonObject;
}

function operation(context: OperationContext, given: Operation): JsonObject {
  const { group, version, kind, namespaced } = context;
  const word = groupWord(group);
  const target = given.target ?? `${namespaced ? 'Namespaced' : ''}${kind}`;
  return {
    tags: [`${word}_${version}`],
    description: given.description,
    operationId: `${given.verb}${capital(word)}${capital(version)}${target}`,
    ...(given.parameters ? { parameters: queryParameters(given.parameters) } : {}),
    ...(given.request
      ? {
          requestBody: {
            content: bodyOf(given.request.schema, given.request.media),
            ...(given.request.required ? { required: true } : {}),
          },
        }
      : {}),
    responses: { ...given.responses, '401': { description: 'Unauthorized' } },
    'x-kubernetes-action': given.action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

const listing = ({ builtin, kind }: OperationContext) =>
  `${builtin ? 'list or watch' : 'list'} objects of kind ${kind}`;

/** `get` on the path of all namespaces; its parameters stand at the path. */
export function listEverywhere(context: OperationContext): JsonObject {
  const target = `${context.kind}ForAllNamespaces`;
  return operation(context, {
    verb: 'list',
    action: 'list',
    description: listing(context),
    target,
    responses: { '200': answer('OK', context.listSchema) },
  });
}

/** `get`, `post` and `delete` on the path of the collection. */
export function collectionOperations(context: OperationContext): Record<string, JsonObject> {
  const { kind, schema, listSchema, namespaced } = context;
  return {
    get: operation(context, {
      verb: 'list',
      action: 'list',
      description: listing(context),
      parameters: LIST,
      responses: { '200': answer('OK', listSchema) },
    }),
    post: operation(context, {
      verb: 'create',
      action: 'post',
      description: `create ${article(kind)} ${kind}`,
      parameters: WRITE,
      request: { schema, media: MEDIA, required: true },
      responses: { '200': answer('OK', schema), '201': answer('Created', schema), '202': answer('Accepted', schema) },
    }),
    delete: operation(context, {
      verb: 'delete',
      action: 'deletecollection',
      description: `delete collection of ${kind}`,
      target: `Collection${namespaced ? 'Namespaced' : ''}${kind}`,
      parameters: LIST,
      responses: { '200': answer('OK', `${META}.Status`) },
    }),
  };
}

/** `get`, `put`, `delete` and `patch` on the path of one object, or of its status (without `delete`). */
export function objectOperations(context: OperationContext, part: '' | 'Status'): Record<string, JsonObject> {
  const { kind, schema, builtin, namespaced } = context;
  const what = part === '' ? `the specified ${kind}` : `status of the specified ${kind}`;
  const target = `${namespaced ? 'Namespaced' : ''}${kind}${part}`;
  const media = builtin ? [...PATCHES, 'application/strategic-merge-patch+json'] : PATCHES;
  const removal = operation(context, {
    verb: 'delete',
    action: 'delete',
    description: `delete ${article(kind)} ${kind}`,
    parameters: DELETE,
    request: { schema: `${META}.DeleteOptions`, media: MEDIA, required: false },
    responses: { '200': answer('OK', `${META}.Status`), '202': answer('Accepted', `${META}.Status`) },
  });
  return {
    get: operation(context, {
      verb: 'read',
      action: 'get',
      description: `read ${what}`,
      target,
      parameters: ['resourceVersion'],
      responses: { '200': answer('OK', schema) },
    }),
    put: operation(context, {
      verb: 'replace',
      action: 'put',
      description: `replace ${what}`,
      target,
      parameters: WRITE,
      request: { schema, media: MEDIA, required: true },
      responses: { '200': answer('OK', schema), '201': answer('Created', schema) },
    }),
    ...(part === '' ? { delete: removal } : {}),
    patch: operation(context, {
      verb: 'patch',
      action: 'patch',
      description: `partially update ${what}`,
      target,
      parameters: ['dryRun', 'patch.fieldManager', 'fieldValidation', 'force'],
      request: { schema: `${META}.Patch`, media, required: true },
      responses: { '200': answer('OK', schema) },
    }),
  };
}
