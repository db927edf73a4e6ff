import { type FieldError, fieldError } from '../field-error.ts';
import type { RuleSource, SchemaNode } from '../structural.ts';
import { normalizeFieldPath } from './field-path.ts';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

const isBlank = (text: string | undefined) => text !== undefined && text !== '' && text.trim() === '';
const hasBreak = (text: string | undefined) => /[\n\r]/.test(text ?? '');

function textErrors({ rule, message, messageExpression }: RuleSource, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const [source, said] = [rule.trim(), (message ?? '').trim()];
  if (source === '') errors.push(fieldError.required(`${at}.rule`, 'rule is not specified'));
  else if (isBlank(message))
    errors.push(fieldError.invalid(`${at}.message`, message, 'must be non-empty if specified'));
  else if (hasBreak(said)) errors.push(fieldError.invalid(`${at}.message`, message, 'must not contain line breaks'));
  else if (hasBreak(source) && said === '')
    errors.push(fieldError.required(`${at}.message`, 'message must be specified if rule contains line breaks'));
  if (isBlank(messageExpression))
    errors.push(fieldError.required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
  return errors;
}

function placeErrors({ reason, fieldPath }: RuleSource, at: string, node: SchemaNode): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (detail: string) => errors.push(fieldError.invalid(`${at}.fieldPath`, fieldPath, detail));
  if (reason !== undefined && !REASONS.includes(reason))
    errors.push(fieldError.notSupported(`${at}.reason`, reason, REASONS));
  if (isBlank(fieldPath)) refuse('must be non-empty if specified');
  if (hasBreak(fieldPath)) refuse('must not contain line breaks');
  if (fieldPath && normalizeFieldPath(fieldPath, node) === undefined) refuse('must be a valid path');
  return errors;
}

/**
 * What is wrong with the rules of a node before any is compiled.
 * @param path where the node lies in its CRD
 */
export function ruleShapeErrors(node: SchemaNode, path: string): FieldError[] {
  return node.rules.flatMap((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    return [...textErrors(rule, at), ...placeErrors(rule, at, node)];
  });
}
