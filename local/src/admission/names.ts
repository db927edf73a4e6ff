/**
 * The rules for names, keys and label values, with the words of apimachinery's `util/validation`. Each function gives the list of what is
 * wrong, empty when nothing is.
 */

const QUALIFIED_PART = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const DNS_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS_SUBDOMAIN = `${DNS_LABEL}(\\.${DNS_LABEL})*`;
const DNS_1035_LABEL = '[a-z]([-a-z0-9]*[a-z0-9])?';
const CONFIG_KEY = '[-._a-zA-Z0-9]+';

const exactly = (pattern: string) => new RegExp(`^${pattern}$`);
const QUALIFIED_PART_EXACTLY = exactly(QUALIFIED_PART);
const LABEL_VALUE_EXACTLY = exactly(`(${QUALIFIED_PART})?`);
const DNS_LABEL_EXACTLY = exactly(DNS_LABEL);
const DNS_SUBDOMAIN_EXACTLY = exactly(DNS_SUBDOMAIN);
const DNS_1035_LABEL_EXACTLY = exactly(DNS_1035_LABEL);
const CONFIG_KEY_EXACTLY = exactly(CONFIG_KEY);

function maxLength(limit: number): string {
  return `must be no more than ${limit} characters`;
}

function regexMessage(message: string, pattern: string, ...examples: string[]): string {
  const list = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${list}regex used for validation is '${pattern}')`;
}

/** RFC 1123 label, at most 63 characters: a Namespace. */
export function dnsLabelProblems(value: string): string[] {
  const problems = value.length > 63 ? [maxLength(63)] : [];
  if (DNS_LABEL_EXACTLY.test(value)) return problems;
  if (DNS_SUBDOMAIN_EXACTLY.test(value)) problems.push('must not contain dots');
  else {
    const message =
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
    problems.push(regexMessage(message, DNS_LABEL, 'my-name', '123-abc'));
  }
  return problems;
}

/** RFC 1123 subdomain, at most 253 characters: most objects. */
export function dnsSubdomainProblems(value: string): string[] {
  const problems = value.length > 253 ? [maxLength(253)] : [];
  if (!DNS_SUBDOMAIN_EXACTLY.test(value)) {
    const message =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
    problems.push(regexMessage(message, DNS_SUBDOMAIN, 'example.com'));
  }
  return problems;
}

/** RFC 1035 label, at most 63 characters: names inside a CustomResourceDefinition. */
export function dns1035LabelProblems(value: string): string[] {
  const problems = value.length > 63 ? [maxLength(63)] : [];
  if (!DNS_1035_LABEL_EXACTLY.test(value)) {
    const message =
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
    problems.push(regexMessage(message, DNS_1035_LABEL, 'my-name', 'abc-123'));
  }
  return problems;
}

const QUALIFIED_MESSAGE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

function qualifiedPattern(): string {
  return regexMessage(QUALIFIED_MESSAGE, QUALIFIED_PART, 'MyName', 'my.name', '123-abc');
}

/** `[prefix/]name`: label and annotation keys, finalizers. */
export function qualifiedNameProblems(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name ${qualifiedPattern()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const problems: string[] = [];
  const name = parts.at(-1) as string;
  if (parts.length === 2) problems.push(...prefixProblems(parts[0] as string));
  if (name.length === 0) problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push(`name part ${maxLength(63)}`);
  if (!QUALIFIED_PART_EXACTLY.test(name)) problems.push(`name part ${qualifiedPattern()}`);
  return problems;
}

function prefixProblems(prefix: string): string[] {
  if (prefix.length === 0) return ['prefix part must be non-empty'];
  return dnsSubdomainProblems(prefix).map((problem) => `prefix part ${problem}`);
}

/** A label's value: empty, or at most 63 characters. */
export function labelValueProblems(value: string): string[] {
  const problems = value.length > 63 ? [maxLength(63)] : [];
  if (!LABEL_VALUE_EXACTLY.test(value)) {
    const message =
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    problems.push(regexMessage(message, `(${QUALIFIED_PART})?`, 'MyValue', 'my_value', '12345'));
  }
  return problems;
}

/** A key of a ConfigMap or Secret. */
export function configKeyProblems(value: string): string[] {
  const problems = value.length > 253 ? [maxLength(253)] : [];
  if (!CONFIG_KEY_EXACTLY.test(value)) {
    const message = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    problems.push(regexMessage(message, CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name'));
  }
  if (value === '.') problems.push("must not be '.'");
  else if (value === '..') problems.push("must not be '..'");
  else if (value.startsWith('..')) problems.push("must not start with '..'");
  return problems;
}

/** Any name that can stand in a path. */
export function pathSegmentProblems(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

/** A prefix for generated names: a trailing dash is taken off, since letters follow. */
export function withoutTrailingDash(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix;
}
