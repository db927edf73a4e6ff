import type { ObjectiveSpec } from '@dark-carnival/crds';

type Selector = NonNullable<ObjectiveSpec['wagonSelector']>;
type Expression = NonNullable<Selector['matchExpressions']>[number];

/** Whether labels fulfil a LabelSelector; an empty one matches everything, as in Kubernetes. */
export function matchesSelector(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return equal && (selector.matchExpressions ?? []).every((expression) => fulfils(expression, labels));
}

function fulfils({ key, operator, values = [] }: Expression, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
  }
}
