import type { NameRule } from '../../admission/metadata.ts';
import { validateMetadata, validateMetadataUpdate } from '../../admission/metadata.ts';
import { dnsSubdomainProblems, withoutTrailingDash } from '../../admission/names.ts';
import { LEAF } from '../../field-ownership/field-set.ts';
import { builtinType } from '../../field-ownership/kubernetes-types.ts';
import type { JsonObject, JsonValue } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import type { FieldError } from '../../schema/field-error.ts';
import type { OwnershipRules, Resource, Strategy } from '../resource.ts';
import { decodeGo, type GoStruct } from './go-type.ts';

/** DNS subdomain names, the rule of most kinds. */
export const dnsSubdomainRule: NameRule = (name, isPrefix) =>
  dnsSubdomainProblems(isPrefix ? withoutTrailingDash(name) : name);

/** What a built-in kind declares; the rest follows. */
export interface BuiltinKind {
  group: string;
  version: string;
  plural: string;
  singular: string;
  kind: string;
  shortNames: readonly string[];
  categories?: readonly string[];
  namespaced: boolean;
  /** Members besides apiVersion, kind and metadata. */
  fields: GoStruct['fields'];
  /** Members that are printed even when empty, with their empty value. */
  always?: { readonly [member: string]: JsonValue };
  /** An object in which nothing is set, as Go prints it; by default `always`. */
  zero?: JsonObject;
  strategy?: Partial<Strategy>;
  ownership?: Pick<OwnershipRules, 'ignored' | 'ignoredByStatus'>;
  hasStatus?: boolean;
  validate?: (object: KubeObject) => FieldError[];
  /** The checks of an update that relate it to the old object. */
  validateChange?: (object: KubeObject, old: KubeObject) => FieldError[];
  /** Its own validation of an update looks at all metadata once more, as the real one's: causes are listed as often. */
  revalidatesMetadata?: boolean;
  /** Defaults and conversions, after decoding. */
  normalize?: (object: JsonObject) => void;
}

const NOTHING = () => {};
const NO_ERRORS = () => [];

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

function decodeBuiltin(object: JsonObject, kind: BuiltinKind): string[] {
  const unknown: string[] = [];
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...members } = object;
  const type: GoStruct = {
    kind: 'struct',
    name: kind.kind,
    fields: kind.fields,
    ...(kind.always && { always: kind.always }),
  };
  const decoded = decodeGo(members, type, { go: kind.kind, json: '' }, unknown) as JsonObject;
  for (const member of Object.keys(members)) delete object[member];
  Object.assign(object, decoded);
  kind.normalize?.(object);
  return unknown;
}

function strategyOf(kind: BuiltinKind): Strategy {
  const validate = kind.validate ?? NO_ERRORS;
  const nameRule = kind.strategy?.nameRule ?? dnsSubdomainRule;
  const validateAll = (object: KubeObject) => [
    ...validateMetadata(object.metadata, kind.namespaced, nameRule),
    ...validate(object),
  ];
  const validateUpdate = (object: KubeObject, old: KubeObject) => [
    ...validateMetadataUpdate(object.metadata, old.metadata),
    ...(kind.validateChange?.(object, old) ?? []),
    ...(kind.revalidatesMetadata ? validateAll(object) : validate(object)),
  ];
  return {
    allowCreateOnUpdate: false,
    allowUnconditionalUpdate: true,
    nameRule,
    decode: (object) => decodeBuiltin(object, kind),
    complete: (object) => void decodeBuiltin(object, kind),
    prepareForCreate: NOTHING,
    prepareForUpdate: NOTHING,
    validateCreate: validateAll,
    validateUpdate,
    prepareForStatusUpdate: NOTHING,
    validateStatusUpdate: NO_ERRORS,
    selectableFields: () => ({}),
    selectableFieldNames: [],
    ...kind.strategy,
  };
}

function ownershipOf(kind: BuiltinKind, apiVersion: string): OwnershipRules {
  let type: OwnershipRules['type'] | undefined;
  return {
    get type() {
      type ??= builtinType(kind);
      return type;
    },
    empty: { apiVersion, kind: kind.kind, metadata: {}, ...(kind.zero ?? kind.always) },
    ignored: LEAF,
    ignoredByStatus: LEAF,
    ...kind.ownership,
  };
}

/** The resource that serves a built-in kind. */
export function builtinResource(kind: BuiltinKind): Resource {
  const { group, version, plural, singular, shortNames, namespaced, hasStatus = false } = kind;
  const apiVersion = group ? `${group}/${version}` : version;
  return {
    group,
    version,
    apiVersion,
    plural,
    singular,
    kind: kind.kind,
    listKind: `${kind.kind}List`,
    shortNames,
    categories: kind.categories ?? [],
    namespaced,
    verbs: VERBS,
    hasStatus,
    storage: `${group}/${plural}`,
    storedApiVersion: apiVersion,
    schemaRevision: 0,
    custom: false,
    columns: undefined,
    strategy: strategyOf(kind),
    ownership: ownershipOf(kind, apiVersion),
  };
}
