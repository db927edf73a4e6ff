import { expect, it } from 'vitest';
import { reconcileSchema } from './reconcile-schema.ts';
import { SchemaTypes } from './schema-types.ts';

const typeOf = (settings: object) =>
  new SchemaTypes({}).customResource(
    { type: 'object', properties: { settings: { type: 'object', ...settings } } },
    'ObjectMeta',
  );
const text = { type: 'string' };
const PIECES = { 'f:settings': { 'f:a': {}, 'f:b': {} }, 'f:other': {} };

it('owns as a whole what has become atomic, and leaves the rest', () => {
  const atomic = typeOf({ additionalProperties: text, 'x-kubernetes-map-type': 'atomic' });
  expect(reconcileSchema(PIECES, atomic)).toEqual({ 'f:settings': {}, 'f:other': {} });
  expect(reconcileSchema({ 'f:settings': {} }, atomic)).toEqual({ 'f:settings': {} });
});

it('changes nothing where nothing has become atomic', () => {
  expect(reconcileSchema(PIECES, typeOf({ additionalProperties: text }))).toBe(PIECES);
  expect(reconcileSchema(PIECES, typeOf({ 'x-kubernetes-preserve-unknown-fields': true }))).toBe(PIECES);
});
