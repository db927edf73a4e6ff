import { isJsonObject, type JsonObject, objectAt, stringAt } from '../json/json.ts';
import { goJson } from '../schema/go-text.ts';
import { fieldsOf } from './applied-fields.ts';
import { type Applied, applyConfiguration } from './apply-configuration.ts';
import { ApplyConflictError, conflictsOutside } from './apply-conflict.ts';
import { typeProblems } from './check-types.ts';
import { compare } from './compare.ts';
import { difference, type FieldSet } from './field-set.ts';
import type { Owner } from './owner.ts';
import type { WriteScope } from './ownership.ts';

/** Where a client-side `kubectl apply` keeps what it applied. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** The manager of `kubectl apply --server-side`. */
const KUBECTL = 'kubectl';
const ANNOTATIONS_LIMIT_BYTES = 256 * 1024;

/**
 * As `applyConfiguration`, and for kubectl the way from client-side to server-side apply: what a client-side apply set last and still stands
 * is no conflict, and its annotation is kept up to date. @throws ApplyConflictError
 */
export function applyAsKubectl(
  live: JsonObject,
  configuration: JsonObject,
  owners: readonly Owner[],
  manager: string,
  scope: WriteScope,
  force: boolean,
): Applied {
  const apply = (forced: boolean) => applyConfiguration(live, configuration, owners, manager, scope, forced);
  if (manager !== KUBECTL) return apply(force);
  const applied = withAllowedConflicts(
    live,
    scope,
    () => apply(force),
    () => apply(true),
  );
  return { ...applied, object: withLastApplied(applied.object, configuration) };
}

function withAllowedConflicts(
  live: JsonObject,
  scope: WriteScope,
  apply: () => Applied,
  force: () => Applied,
): Applied {
  try {
    return apply();
  } catch (error) {
    const allowed = error instanceof ApplyConflictError ? lastAppliedFields(live, scope) : undefined;
    if (!(error instanceof ApplyConflictError) || !allowed) throw error;
    const left = conflictsOutside(error.conflicts, allowed);
    if (left.length > 0) throw new ApplyConflictError(left);
    return force();
  }
}

function annotationOf(object: JsonObject): string | undefined {
  return stringAt(objectAt(objectAt(object, 'metadata'), 'annotations'), LAST_APPLIED) || undefined;
}

/** The fields that the last client-side apply set and that are still as it set them; undefined when there is none that can be read. */
function lastAppliedFields(live: JsonObject, scope: WriteScope): FieldSet | undefined {
  const last = parse(annotationOf(live));
  if (!last || last['apiVersion'] !== scope.apiVersion || typeProblems(last, scope.type).length > 0) return undefined;
  const { added, modified, removed } = compare(last, live, scope.type);
  return [modified, added, removed].reduce(difference, fieldsOf(last, scope.type));
}

function parse(text: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The object with the annotation saying what was applied now, where it had one. One that would become too large is dropped. */
function withLastApplied(object: JsonObject, configuration: JsonObject): JsonObject {
  if (annotationOf(object) === undefined) return object;
  const metadata = objectAt(object, 'metadata') ?? {};
  const { [LAST_APPLIED]: _old, ...annotations } = objectAt(metadata, 'annotations') ?? {};
  const text = `${goJson(withoutLastApplied(configuration))}\n`;
  const withNew = { ...annotations, [LAST_APPLIED]: text };
  const bytes = Object.entries(withNew).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  );
  return { ...object, metadata: { ...metadata, annotations: bytes > ANNOTATIONS_LIMIT_BYTES ? annotations : withNew } };
}

function withoutLastApplied(configuration: JsonObject): JsonObject {
  const metadata = objectAt(configuration, 'metadata') ?? {};
  const annotations = objectAt(metadata, 'annotations');
  if (!annotations) return configuration;
  const { [LAST_APPLIED]: _own, ...others } = annotations;
  return { ...configuration, metadata: { ...metadata, annotations: others } };
}
