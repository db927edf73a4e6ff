import { formatCheck } from './formats.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import { compilePatternLoosely } from './regex.ts';

/** One entry of `x-kubernetes-validations`. */
export interface RuleSource {
  rule: string;
  message: string | undefined;
  messageExpression: string | undefined;
  reason: string | undefined;
  fieldPath: string | undefined;
  optionalOldSelf: boolean | undefined;
}

/** One node of a structural schema, read once: what pruning, defaulting, validation and CEL walk beside the value. */
export interface SchemaNode {
  readonly type: string | undefined;
  readonly nullable: boolean;
  readonly default: JsonValue | undefined;
  readonly properties: ReadonlyMap<string, SchemaNode>;
  /** The schema of unnamed members (a map), if any. */
  readonly additional: SchemaNode | undefined;
  /** `additionalProperties: true`: anything goes. */
  readonly additionalAny: boolean;
  readonly items: SchemaNode | undefined;
  readonly preserveUnknown: boolean;
  readonly embedded: boolean;
  readonly intOrString: boolean;
  readonly listType: 'atomic' | 'set' | 'map';
  readonly mapKeys: readonly string[];
  readonly limits: ValueLimits;
  readonly allOf: readonly SchemaNode[];
  readonly anyOf: readonly SchemaNode[];
  readonly oneOf: readonly SchemaNode[];
  readonly not: SchemaNode | undefined;
  readonly rules: readonly RuleSource[];
}

/** The value validations of a node. Lengths are code points, sizes are counts. */
export interface ValueLimits {
  format: string | undefined;
  formatCheck: ((text: string) => boolean) | undefined;
  required: readonly string[];
  enum: readonly JsonValue[] | undefined;
  pattern: { source: string; expression: RegExp } | undefined;
  minLength: number | undefined;
  maxLength: number | undefined;
  minimum: number | undefined;
  maximum: number | undefined;
  exclusiveMinimum: boolean;
  exclusiveMaximum: boolean;
  multipleOf: number | undefined;
  minItems: number | undefined;
  maxItems: number | undefined;
  uniqueItems: boolean;
  minProperties: number | undefined;
  maxProperties: number | undefined;
}

const text = (value: JsonValue | undefined) => (typeof value === 'string' ? value : undefined);
const numeral = (value: JsonValue | undefined) => (typeof value === 'number' ? value : undefined);
const strings = (value: JsonValue | undefined) =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
const object = (value: JsonValue | undefined) => (isJsonObject(value) ? value : undefined);

function readLimits(schema: JsonObject): ValueLimits {
  const pattern = text(schema['pattern']);
  const check = formatCheck(text(schema['format']));
  return {
    format: check === undefined ? undefined : text(schema['format']),
    formatCheck: check,
    required: strings(schema['required']),
    enum: Array.isArray(schema['enum']) ? schema['enum'] : undefined,
    pattern: pattern ? { source: pattern, expression: compilePatternLoosely(pattern) } : undefined,
    minLength: numeral(schema['minLength']),
    maxLength: numeral(schema['maxLength']),
    minimum: numeral(schema['minimum']),
    maximum: numeral(schema['maximum']),
    exclusiveMinimum: schema['exclusiveMinimum'] === true,
    exclusiveMaximum: schema['exclusiveMaximum'] === true,
    multipleOf: numeral(schema['multipleOf']),
    minItems: numeral(schema['minItems']),
    maxItems: numeral(schema['maxItems']),
    uniqueItems: schema['uniqueItems'] === true,
    minProperties: numeral(schema['minProperties']),
    maxProperties: numeral(schema['maxProperties']),
  };
}

/** The entries of a node's `x-kubernetes-validations`, with absent members undefined. */
export function readRules(schema: JsonObject): RuleSource[] {
  const rules = schema['x-kubernetes-validations'];
  if (!Array.isArray(rules)) return [];
  return rules.filter(isJsonObject).map((rule) => ({
    rule: text(rule['rule']) ?? '',
    message: text(rule['message']),
    messageExpression: text(rule['messageExpression']),
    reason: text(rule['reason']),
    fieldPath: text(rule['fieldPath']),
    optionalOldSelf: typeof rule['optionalOldSelf'] === 'boolean' ? rule['optionalOldSelf'] : undefined,
  }));
}

const nodes = (value: JsonValue | undefined) => (Array.isArray(value) ? value.filter(isJsonObject).map(readNode) : []);

/**
 * Reads an `openAPIV3Schema`. Total for any JSON: what has the wrong type is taken as absent (the CRD check reports it).
 * @throws SyntaxError for a `pattern` that RE2 would refuse.
 */
export function readNode(schema: JsonObject): SchemaNode {
  const additional = schema['additionalProperties'];
  const items = object(schema['items']);
  const not = object(schema['not']);
  const listType = schema['x-kubernetes-list-type'];
  return {
    type: text(schema['type']),
    nullable: schema['nullable'] === true,
    default: schema['default'],
    properties: new Map(
      Object.entries(object(schema['properties']) ?? {}).map(([name, child]) => [name, readNode(object(child) ?? {})]),
    ),
    additional: isJsonObject(additional) ? readNode(additional) : undefined,
    additionalAny: additional === true,
    items: items && readNode(items),
    preserveUnknown: schema['x-kubernetes-preserve-unknown-fields'] === true,
    embedded: schema['x-kubernetes-embedded-resource'] === true,
    intOrString: schema['x-kubernetes-int-or-string'] === true,
    listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
    mapKeys: strings(schema['x-kubernetes-list-map-keys']),
    limits: readLimits(schema),
    allOf: nodes(schema['allOf']),
    anyOf: nodes(schema['anyOf']),
    oneOf: nodes(schema['oneOf']),
    not: not && readNode(not),
    rules: readRules(schema),
  };
}
