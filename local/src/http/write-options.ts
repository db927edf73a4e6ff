import type { IncomingMessage } from 'node:http';
import type { WriteOptions } from '../rest/api.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';
import { invalid } from '../status/api-error.ts';

const MAX_FIELD_MANAGER_BYTES = 128;
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

/** What the options of a verb are called in errors. */
export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

/**
 * The query parameters of a write. @param isApply of a server-side apply, which must name its manager and may force. @throws ApiError 422
 */
export function readWriteOptions(
  { query, request }: { query: URLSearchParams; request: IncomingMessage },
  kind: OptionsKind,
  isApply = false,
): WriteOptions {
  const dryRun = query.getAll('dryRun');
  const fieldManager = query.get('fieldManager') ?? '';
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  const errors = [
    ...applyErrors(query, kind, isApply),
    ...managerErrors(fieldManager),
    ...(dryRun.every((value) => value === 'All') ? [] : [fieldError.notSupported('dryRun', dryRun, ['All'])]),
  ];
  if (fieldValidation !== 'Strict' && fieldValidation !== 'Warn' && fieldValidation !== 'Ignore') {
    errors.push(fieldError.notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
    throw invalid('meta.k8s.io', kind, '', errors);
  }
  if (errors.length > 0) throw invalid('meta.k8s.io', kind, '', errors);
  return {
    dryRun: dryRun.length > 0,
    fieldValidation,
    fieldManager: fieldManager || managerOfAgent(request.headers['user-agent'] ?? ''),
    force: isTrue(query.get('force')),
    warnings: [],
  };
}

function applyErrors(query: URLSearchParams, kind: OptionsKind, isApply: boolean): FieldError[] {
  if (isApply)
    return query.get('fieldManager') ? [] : [fieldError.required('fieldManager', 'is required for apply patch')];
  const isForced = kind === 'PatchOptions' && query.has('force');
  return isForced ? [fieldError.forbidden('force', 'may not be specified for non-apply patch')] : [];
}

function managerErrors(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > MAX_FIELD_MANAGER_BYTES)
    errors.push(fieldError.tooLong('fieldManager', MAX_FIELD_MANAGER_BYTES));
  let position = 0;
  for (const char of manager) {
    if (UNPRINTABLE.test(char))
      errors.push(
        fieldError.invalid('fieldManager', manager, `invalid character ${codePoint(char)} (at position ${position})`),
      );
    position += Buffer.byteLength(char);
  }
  return errors;
}

/** As Go's `%#U` prints what cannot be printed. */
function codePoint(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A boolean of a query: anything but `0` and `false` is true. */
function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/** The manager of a write that names none: what its client calls itself, up to the first slash. */
function managerOfAgent(agent: string): string {
  let manager = '';
  let bytes = 0;
  for (const char of agent.split('/')[0] ?? '') {
    if (UNPRINTABLE.test(char)) continue;
    bytes += Buffer.byteLength(char);
    if (bytes > MAX_FIELD_MANAGER_BYTES) break;
    manager += char;
  }
  return manager;
}
