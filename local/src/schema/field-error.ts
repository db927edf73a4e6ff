import { goJson, goQuote } from './go-text.ts';
import type { JsonValue } from './json.ts';

export type FieldErrorType =
  | 'FieldValueInvalid'
  | 'FieldValueRequired'
  | 'FieldValueForbidden'
  | 'FieldValueNotSupported'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'FieldValueDuplicate'
  | 'FieldValueNotFound';

/** One entry of `status.details.causes`: `message` is the text without the field, as kube-apiserver 1.34 writes it. */
export interface FieldError {
  type: FieldErrorType;
  /** `spec.list[0].name`; `<nil>` is the object itself. */
  field: string;
  message: string;
}

/** How the API server prints a field of the object as a whole. */
export const NO_FIELD = '<nil>';

const withDetail = (head: string, detail: string) => (detail === '' ? head : `${head}: ${detail}`);

function printed(value: JsonValue | undefined): string {
  return typeof value === 'string' ? goQuote(value) : goJson(value);
}

/** The constructors of `k8s.io/apimachinery/pkg/util/validation/field`, with its wording. */
export const fieldError = {
  invalid: (field: string, value: JsonValue | undefined, detail: string): FieldError => ({
    type: 'FieldValueInvalid',
    field,
    message: withDetail(`Invalid value: ${printed(value)}`, detail),
  }),
  typeInvalid: (field: string, value: JsonValue | undefined, detail: string): FieldError => ({
    type: 'FieldValueTypeInvalid',
    field,
    message: withDetail(`Invalid value: ${printed(value)}`, detail),
  }),
  required: (field: string, detail = ''): FieldError => ({
    type: 'FieldValueRequired',
    field,
    message: withDetail('Required value', detail),
  }),
  forbidden: (field: string, detail: string): FieldError => ({
    type: 'FieldValueForbidden',
    field,
    message: withDetail('Forbidden', detail),
  }),
  duplicate: (field: string, value: JsonValue | undefined): FieldError => ({
    type: 'FieldValueDuplicate',
    field,
    message: `Duplicate value: ${printed(value)}`,
  }),
  notFound: (field: string, value: JsonValue | undefined): FieldError => ({
    type: 'FieldValueNotFound',
    field,
    message: `Not found: ${printed(value)}`,
  }),
  notSupported: (field: string, value: JsonValue | undefined, supported: readonly JsonValue[]): FieldError => ({
    type: 'FieldValueNotSupported',
    field,
    message: withDetail(
      `Unsupported value: ${printed(value)}`,
      supported.length === 0
        ? ''
        : `supported values: ${supported.map((v) => goQuote(typeof v === 'string' ? v : goJson(v))).join(', ')}`,
    ),
  }),
  tooLong: (field: string, maxLength: number): FieldError => ({
    type: 'FieldValueTooLong',
    field,
    message: `Too long: may not be more than ${maxLength} ${maxLength === 1 ? 'byte' : 'bytes'}`,
  }),
  tooMany: (field: string, actual: number, max: number): FieldError => ({
    type: 'FieldValueTooMany',
    field,
    message: `Too many: ${actual}: must have at most ${max} ${max === 1 ? 'item' : 'items'}`,
  }),
};

/** The one-line text of `status.message` for these errors: brackets around more than one, repeated ones once. */
export function aggregateMessage(errors: readonly FieldError[]): string {
  const lines = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  return lines.length === 1 ? (lines[0] ?? '') : `[${lines.join(', ')}]`;
}
