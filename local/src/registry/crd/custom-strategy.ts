import { validateMetadata, validateMetadataUpdate } from '../../admission/metadata.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../../json/json.ts';
import type { KubeObject } from '../../json/kube-object.ts';
import { type FieldError, fieldError } from '../../schema/field-error.ts';
import type { CompiledSchema } from '../../schema/index.ts';
import { dnsSubdomainRule } from '../builtin/builtin-strategy.ts';
import type { Strategy } from '../resource.ts';

/** What the strategy of a custom resource depends on. */
export interface CustomKind {
  apiVersion: string;
  kind: string;
  namespaced: boolean;
  hasStatus: boolean;
  schema: CompiledSchema;
  /** Such as `.status.phase`. */
  selectableFields: readonly string[];
}

function contentOf(object: KubeObject): JsonObject {
  const { metadata: _metadata, ...content } = object;
  return content;
}

/** Follows a simple path such as `.status.phase`. */
function valueAt(object: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const member of path.split('.').slice(1)) value = isJsonObject(value) ? value[member] : undefined;
  return value;
}

function keepStatus(object: KubeObject, old: KubeObject): void {
  if (old['status'] === undefined) delete object['status'];
  else object['status'] = old['status'];
}

function typeErrors(object: KubeObject, kind: CustomKind): FieldError[] {
  return object.kind === kind.kind ? [] : [fieldError.invalid('kind', object.kind, `must be ${kind.kind}`)];
}

/** Takes metadata and everything else but the status from the old object. */
function takeStatusOnly(object: KubeObject, old: KubeObject): void {
  const status = object['status'];
  const { managedFields } = object.metadata;
  for (const member of Object.keys(object)) delete object[member];
  Object.assign(object, old, { metadata: { ...old.metadata } });
  if (managedFields) object.metadata.managedFields = managedFields;
  else delete object.metadata.managedFields;
  if (status === undefined) delete object['status'];
  else object['status'] = status;
}

/** The rules of custom resources, as apiextensions' `customResourceStrategy`. */
export function customStrategy(kind: CustomKind): Strategy {
  const { schema } = kind;
  const validateUpdate = (object: KubeObject, old: KubeObject): FieldError[] => {
    const errors = [...validateMetadataUpdate(object.metadata, old.metadata), ...typeErrors(object, kind)];
    return [...errors, ...schema.validate(object, old, errors)];
  };
  return {
    allowCreateOnUpdate: false,
    allowUnconditionalUpdate: false,
    nameRule: dnsSubdomainRule,
    decode(object) {
      const unknown = schema.prune(object);
      schema.applyDefaults(object);
      return unknown;
    },
    complete: (object) => schema.fillDefaults(object),
    prepareForCreate(object) {
      if (kind.hasStatus) delete object['status'];
      object.metadata.generation = 1;
    },
    prepareForUpdate(object, old) {
      if (kind.hasStatus) keepStatus(object, old);
      if (!jsonEqual(contentOf(object), contentOf(old)))
        object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
    validateCreate(object) {
      const errors = [
        ...validateMetadata(object.metadata, kind.namespaced, dnsSubdomainRule),
        ...typeErrors(object, kind),
      ];
      return [...errors, ...schema.validate(object, undefined, errors)];
    },
    validateUpdate,
    prepareForStatusUpdate: takeStatusOnly,
    validateStatusUpdate: validateUpdate,
    selectableFields(object) {
      const fields: { [path: string]: string } = {};
      for (const path of kind.selectableFields) fields[path.slice(1)] = String(valueAt(object, path) ?? '');
      return fields;
    },
    selectableFieldNames: kind.selectableFields.map((path) => path.slice(1)),
  };
}
