export { type CompiledSchema, CrdInvalidError, compileSchema } from './compiled-schema.ts';
export { defaultCrd } from './crd-names.ts';
export { validateCrd } from './crd-validation.ts';
export { aggregateMessage, type FieldError, type FieldErrorType, fieldError, NO_FIELD } from './field-error.ts';
export { goJson, goQuote } from './go-text.ts';
export { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from './json.ts';
