import type { ParseResult } from '@marcbachmann/cel-js';
import { oldItem, oldMember } from '../correlation.ts';
import { type FieldError, fieldError, NO_FIELD } from '../field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../json.ts';
import type { CompiledRule, RuleNode } from './compile.ts';
import { runMistake } from './compile-error.ts';

/** kube-apiserver's bound on the text of a messageExpression, in bytes. */
const MAX_MESSAGE_BYTES = 5 * 1024;

interface Place {
  path: string;
  /** The value before the update at the same place, where there is one to compare with. */
  old: JsonValue | undefined;
  /** Whether the nearest place with an old value is as it was: errors there are forgiven, but for transition rules. */
  unchanged: () => boolean;
}

const child = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);
const ruleText = ({ source }: CompiledRule) => (source.message || source.rule).trim();

function ownMessage(rule: CompiledRule): string {
  return rule.source.message ? rule.source.message.trim() : `failed rule: ${ruleText(rule)}`;
}

function expressedMessage(message: ParseResult, variables: Record<string, unknown>): string | undefined {
  let value: unknown;
  try {
    value = message(variables);
  } catch {
    return undefined;
  }
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' || text.includes('\n') || Buffer.byteLength(text) > MAX_MESSAGE_BYTES ? undefined : text;
}

function failure(rule: CompiledRule, type: string, path: string, detail: string): FieldError {
  const joined = rule.field.startsWith('[')
    ? `${path}${rule.field}`
    : rule.field === ''
      ? path
      : child(path, rule.field);
  const field = joined === '' ? NO_FIELD : joined;
  if (rule.source.reason === 'FieldValueForbidden') return fieldError.forbidden(field, detail);
  if (rule.source.reason === 'FieldValueRequired') return fieldError.required(field, detail);
  if (rule.source.reason === 'FieldValueDuplicate') return fieldError.duplicate(field, type);
  return fieldError.invalid(field, type, detail);
}

function runRule(rule: CompiledRule, variables: Record<string, unknown>, type: string, place: Place): FieldError[] {
  let holds: unknown;
  try {
    holds = rule.program(variables);
  } catch (error) {
    const field = place.path === '' ? NO_FIELD : place.path;
    return [fieldError.invalid(field, type, `${runMistake(error)} evaluating rule: ${ruleText(rule)}`)];
  }
  if (holds === true || (!rule.usesOldSelf && place.unchanged())) return [];
  const detail = (rule.message && expressedMessage(rule.message, variables)) ?? ownMessage(rule);
  return [failure(rule, type, place.path, detail)];
}

function ownErrors(value: JsonValue, node: RuleNode, place: Place): FieldError[] {
  const { type } = node;
  if (!type || node.rules.length === 0) return [];
  const hasOld = place.old !== undefined && place.old !== null;
  const variables: Record<string, unknown> = { self: type.convert(value) };
  if (hasOld && node.rules.some((rule) => rule.usesOldSelf)) variables['oldSelf'] = type.convert(place.old ?? null);
  return node.rules
    .filter((rule) => hasOld || !rule.usesOldSelf)
    .flatMap((rule) => runRule(rule, variables, node.schema.type ?? '', place));
}

function step(place: Place, path: string, value: JsonValue, old: JsonValue | undefined): Place {
  return { path, old, unchanged: old === undefined ? place.unchanged : () => jsonEqual(value, old) };
}

function itemErrors(value: JsonValue[], node: RuleNode, place: Place): FieldError[] {
  const { items, schema } = node;
  if (!items) return [];
  return value.flatMap((item, i) =>
    ruleErrors(item, items, step(place, `${place.path}[${i}]`, item, oldItem(place.old, item, schema))),
  );
}

function memberErrors(value: JsonObject, node: RuleNode, place: Place): FieldError[] {
  return Object.entries(value).flatMap(([name, member]) => {
    const named = node.properties.get(name);
    const below = named ?? (node.schema.properties.has(name) ? undefined : node.additional);
    if (!below || member === undefined) return [];
    const path = named ? child(place.path, name) : `${place.path}[${name}]`;
    return ruleErrors(member, below, step(place, path, member, oldMember(place.old, name)));
  });
}

/** Runs the rules of a node and of all below it on a value that has passed its schema. */
export function ruleErrors(value: JsonValue, node: RuleNode, place: Place): FieldError[] {
  if (value === null) return [];
  const errors = ownErrors(value, node, place);
  if (Array.isArray(value)) return [...errors, ...itemErrors(value, node, place)];
  return isJsonObject(value) ? [...errors, ...memberErrors(value, node, place)] : errors;
}
