import { type FieldError, fieldError } from './field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from './json.ts';
import { compilePatternLoosely } from './regex.ts';

type Level = 'root' | 'item' | 'field' | 'nested';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const UNSUPPORTED = ['$ref', 'additionalItems', 'definitions', 'dependencies', 'id', 'patternProperties'];
const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];
const MISSING_TYPE: Record<Exclude<Level, 'nested'>, string> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};
const JUNCTORS = ['allOf', 'anyOf', 'oneOf'] as const;
/** What a schema below a junctor may not say, with the value that says nothing. */
const FORBIDDEN_NESTED = [
  'type',
  'additionalProperties',
  'default',
  'title',
  'description',
  'nullable',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
];

const schemasAt = (value: JsonValue | undefined) => (Array.isArray(value) ? value.filter(isJsonObject) : []);
const textAt = (schema: JsonObject, key: string) => (typeof schema[key] === 'string' ? schema[key] : '');

function typeErrors(schema: JsonObject, path: string, level: Level): FieldError[] {
  const type = textAt(schema, 'type');
  if (type !== '' && !TYPES.includes(type)) return [fieldError.notSupported(`${path}.type`, type, TYPES)];
  if (level === 'nested') return [];
  const free = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === '' && !free) return [fieldError.required(`${path}.type`, MISSING_TYPE[level])];
  if (level === 'root' && type !== '' && type !== 'object')
    return [fieldError.invalid(`${path}.type`, type, 'must be object at the root')];
  if (type === 'array' && !isJsonObject(schema['items']))
    return [fieldError.required(`${path}.items`, 'must be specified')];
  return [];
}

function shapeErrors(schema: JsonObject, path: string, level: Level): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of UNSUPPORTED)
    if (schema[key] !== undefined) errors.push(fieldError.forbidden(`${path}.${key}`, `${key} is not supported`));
  if (schema['uniqueItems'] === true)
    errors.push(
      fieldError.forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  const additional = schema['additionalProperties'];
  if (additional !== undefined && level === 'root')
    errors.push(fieldError.forbidden(`${path}.additionalProperties`, 'must not be used at the root'));
  if (additional !== undefined && additional !== true && isJsonObject(schema['properties']))
    errors.push(
      fieldError.forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    );
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(fieldError.invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  const pattern = textAt(schema, 'pattern');
  try {
    if (pattern !== '') compilePatternLoosely(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    errors.push(
      fieldError.invalid(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${why}`),
    );
  }
  return errors;
}

function listErrors(schema: JsonObject, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'];
  if (listType === undefined && keys === undefined) return [];
  const at = `${path}.x-kubernetes-list-map-keys`;
  if (listType !== undefined && schema['type'] !== 'array')
    return [
      fieldError.invalid(
        `${path}.type`,
        textAt(schema, 'type'),
        'must be array if x-kubernetes-list-type is specified',
      ),
    ];
  if (listType !== undefined && !['atomic', 'map', 'set'].includes(String(listType)))
    return [fieldError.notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'map', 'set'])];
  const named = Array.isArray(keys) ? keys : [];
  if (listType !== 'map')
    return named.length > 0
      ? [
          fieldError.invalid(
            `${path}.x-kubernetes-list-type`,
            listType ?? '',
            'must be map if x-kubernetes-list-map-keys is non-empty',
          ),
        ]
      : [];
  if (named.length === 0) return [fieldError.required(at, 'must not be empty if x-kubernetes-list-type is map')];
  const items = isJsonObject(schema['items']) ? schema['items'] : {};
  if (items['type'] !== 'object')
    return [
      fieldError.invalid(
        `${path}.items.type`,
        textAt(items, 'type'),
        "must be object if parent array's x-kubernetes-list-type is map",
      ),
    ];
  return keyErrors(named, items, path);
}

function keyErrors(keys: JsonValue[], items: JsonObject, path: string): FieldError[] {
  const properties = isJsonObject(items['properties']) ? items['properties'] : {};
  const required = Array.isArray(items['required']) ? items['required'] : [];
  const at = `${path}.x-kubernetes-list-map-keys`;
  return keys.flatMap((key, i) => {
    const property = typeof key === 'string' ? properties[key] : undefined;
    if (!isJsonObject(property)) return [fieldError.invalid(at, keys, 'entries must all be names of item properties')];
    if (keys.indexOf(key) < i) return [fieldError.invalid(at, keys, 'must not contain duplicate entries')];
    if (property['default'] !== undefined || required.includes(key)) return [];
    const detail =
      'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
    return [fieldError.required(`${path}.items.properties[${key}].default`, detail)];
  });
}

function nestedErrors(schema: JsonObject, path: string): FieldError[] {
  return FORBIDDEN_NESTED.filter((key) => schema[key] !== undefined && schema[key] !== false).map((key) =>
    fieldError.forbidden(`${path}.${key}`, `must be ${key === 'nullable' ? 'false' : 'empty'} to be structural`),
  );
}

function junctorErrors(schema: JsonObject, path: string): FieldError[] {
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true;
  const errors = JUNCTORS.flatMap((junctor) => {
    if (isIntOrString && junctor === 'anyOf' && jsonEqual(schema[junctor], INT_OR_STRING)) return [];
    return schemasAt(schema[junctor]).flatMap((nested, i) => [
      ...nestedErrors(nested, `${path}.${junctor}[${i}]`),
      ...structureErrors(nested, `${path}.${junctor}[${i}]`, 'nested'),
    ]);
  });
  const not = schema['not'];
  return isJsonObject(not)
    ? [...errors, ...nestedErrors(not, `${path}.not`), ...structureErrors(not, `${path}.not`, 'nested')]
    : errors;
}

/** What keeps a schema from being structural, or a list or map of it from being well-formed. Rules are not looked at. */
export function structureErrors(schema: JsonObject, path: string, level: Level = 'root'): FieldError[] {
  const below = level === 'nested' ? 'nested' : undefined;
  const errors = [
    ...typeErrors(schema, path, level),
    ...shapeErrors(schema, path, level),
    ...listErrors(schema, path),
    ...junctorErrors(schema, path),
  ];
  for (const [name, child] of Object.entries(isJsonObject(schema['properties']) ? schema['properties'] : {}))
    if (isJsonObject(child)) errors.push(...structureErrors(child, `${path}.properties[${name}]`, below ?? 'field'));
  const { additionalProperties, items } = schema;
  if (isJsonObject(additionalProperties))
    errors.push(...structureErrors(additionalProperties, `${path}.additionalProperties`, below ?? 'field'));
  if (isJsonObject(items)) errors.push(...structureErrors(items, `${path}.items`, below ?? 'item'));
  return errors;
}
