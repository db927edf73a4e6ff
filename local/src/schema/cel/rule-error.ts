import { type FieldError, fieldError } from '../field-error.ts';
import { goJson } from '../go-text.ts';
import type { RuleSource } from '../structural.ts';

/** A member of a rule at which errors point. */
export type RuleMember = 'rule' | 'messageExpression' | 'optionalOldSelf';

/** Where a rule stands in its CRD: the path of its schema node and its place in the list. */
export interface RulePlace {
  readonly path: string;
  readonly index: number;
}

export const memberPath = ({ path, index }: RulePlace, member: RuleMember): string =>
  `${path}.x-kubernetes-validations[${index}].${member}`;

/** A rule as the API server prints it in an error: a Go struct without JSON names, in the order of its members. */
function printed(rule: RuleSource): string {
  const members = {
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  };
  return `{${Object.entries(members)
    .map(([name, value]) => `"${name}":${goJson(value)}`)
    .join(',')}}`;
}

/** The error of a rule or messageExpression that does not compile: it repeats the whole rule. */
export function compileError(rule: RuleSource, place: RulePlace, member: RuleMember, detail: string): FieldError {
  return {
    type: 'FieldValueInvalid',
    field: memberPath(place, member),
    message: `Invalid value: ${printed(rule)}: ${detail}`,
  };
}

/** A transition rule below a list whose items have no old value to compare with; `within` is the path of that list. */
export function uncorrelatedError(rule: RuleSource, place: RulePlace, within: string): FieldError {
  const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${within}`;
  return fieldError.invalid(memberPath(place, 'rule'), rule.rule, detail);
}
