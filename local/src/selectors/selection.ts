import type { Attributes } from '../store/key-index.ts';
import { type FieldSelector, matchesFields } from './field-selector.ts';
import { type LabelSelector, matchesLabels } from './label-selector.ts';

/** What a list or a watch asks for, besides the kind. */
export interface Selection {
  labels: LabelSelector;
  fields: FieldSelector;
}

/** True when the selection lets everything through, so that attributes need not be read. */
export function selectsAll(selection: Selection): boolean {
  return selection.labels.length === 0 && selection.fields.length === 0;
}

export function selects(selection: Selection, attributes: Attributes): boolean {
  return matchesLabels(selection.labels, attributes.labels) && matchesFields(selection.fields, attributes.fields);
}

/** The name that `metadata.name=X` fixes: such a list is a look-up. */
export function selectedName(selection: Selection): string | undefined {
  return selection.fields.find((term) => term.field === 'metadata.name' && term.operator === '=')?.value;
}
