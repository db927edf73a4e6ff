import fc, { type Arbitrary } from 'fast-check';
import type { Json, RequestStep } from '../case.ts';
import { THINGS_GROUP } from '../cases/things-crd.ts';

/**
 * Random work on one Thing: bodies are mostly valid and drawn from few names, so that writers meet in the same fields; some are wrong.
 */
const PATH = `/apis/${THINGS_GROUP}/v1/namespaces/{ns}/things`;
const ONE = `${PATH}/thing`;

const word = fc.constantFrom('a', 'b', 'c');
const some = <T extends Record<string, Arbitrary<Json>>>(model: T): Arbitrary<Json> =>
  fc.record(model, { requiredKeys: [] }) as Arbitrary<Json>;
const named = (values: Arbitrary<Json>) => fc.dictionary(word, values, { maxKeys: 3 }) as Arbitrary<Json>;
const rarely = (usual: Arbitrary<Json>, odd: Arbitrary<Json>) =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: odd });

const part = fc
  .tuple(word, some({ value: word, weight: fc.integer({ min: 0, max: 3 }) }))
  .map(([id, rest]) => ({ id, ...(rest as object) }));
const port = fc
  .tuple(
    fc.constantFrom(80, 443),
    some({ protocol: fc.constantFrom('TCP', 'UDP'), notes: named(word), tags: fc.uniqueArray(word) }),
  )
  .map(([number, rest]) => ({ port: number, ...(rest as object) }));
const portKey = (value: Json) => {
  const { port: number, protocol = 'TCP' } = value as { port: number; protocol?: string };
  return `${number}/${protocol}`;
};
const byKey = (value: Json) => (value as { id: string }).id;

const members = {
  count: rarely(fc.integer({ min: 0, max: 3 }), fc.constantFrom<Json>(101, 'two', null, 1.5)),
  mode: rarely(fc.constantFrom('Fast', 'Slow'), fc.constantFrom<Json>('Idle', 3)),
  on: fc.boolean() as Arbitrary<Json>,
  tags: rarely(fc.uniqueArray(word), fc.constant<Json>(['a', 'a'])),
  words: fc.array(word, { minLength: 1, maxLength: 3 }) as Arbitrary<Json>,
  parts: rarely(
    fc.uniqueArray(part, { selector: byKey, maxLength: 3 }),
    fc.constantFrom<Json>([{ id: 'a' }, { id: 'a' }], [{ value: 'a' }]),
  ),
  ports: fc.uniqueArray(port, { selector: portKey, maxLength: 3 }) as Arbitrary<Json>,
  grains: named(some({ a: word, b: word })),
  atomicMap: named(word),
  labels: named(word),
  note: fc.constantFrom<Json>('n', null),
  any: named(fc.constantFrom<Json>(1, 'x', [1], { deep: true })),
  inner: some({ x: word, y: fc.integer({ min: 0, max: 3 }), deep: some({ z: fc.integer({ min: 0, max: 3 }) }) }),
  atomic: some({ a: word, b: word }),
  extra: word,
};
const { extra, ...known } = members;

/** A part of a spec; with `extra` a field that the schema does not know. */
const spec = fc.oneof({ weight: 8, arbitrary: some(known) }, { weight: 1, arbitrary: some({ ...known, extra }) });
const metadata = some({ labels: named(word), annotations: named(word) });
const manifest = fc.tuple(spec, metadata).map(([part, meta]) => ({
  apiVersion: `${THINGS_GROUP}/v1`,
  kind: 'Thing',
  metadata: { ...(meta as object), name: 'thing' },
  spec: { name: 'some-thing', ...(part as object) },
}));
/** Of managers who care about some fields only: without the required name, which the other may own. */
const applied = fc.tuple(manifest, fc.boolean()).map(([whole, withName]) => {
  const { name, ...rest } = whole.spec;
  return { ...whole, spec: withName ? { name, ...rest } : rest };
});
const manager = fc.constantFrom('one', 'two', 'three');

const step = (rest: Omit<RequestStep, 'path'> & { query?: string; path?: string }): RequestStep => {
  const { query = '', path = ONE, ...request } = rest;
  return { ...request, path: `${path}${query}` };
};

export const createStep = fc
  .tuple(manifest, manager)
  .map(([body, who]) => step({ method: 'POST', path: PATH, query: `?fieldManager=${who}`, body: body as Json }));

export const applyStep = fc.tuple(applied, manager, fc.boolean()).map(([body, who, force]) =>
  step({
    method: 'PATCH',
    query: `?fieldManager=${who}${force ? '&force=true' : ''}`,
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: body as Json,
  }),
);

/** Null removes a member; here and there it does so to one that is required. */
const mergeBody = fc
  .tuple(spec, metadata, fc.array(fc.constantFrom(...Object.keys(known), 'name'), { maxLength: 2 }))
  .map(([part, meta, removed]) => ({
    metadata: meta,
    spec: { ...(part as object), ...Object.fromEntries(removed.map((key) => [key, null])) },
  }));
export const mergeStep = fc.tuple(mergeBody, manager).map(([body, who]) =>
  step({
    method: 'PATCH',
    query: `?fieldManager=${who}`,
    headers: { 'content-type': 'application/merge-patch+json' },
    body: body as Json,
  }),
);

const pointer = fc.constantFrom(
  '/spec/count',
  '/spec/tags',
  '/spec/tags/0',
  '/spec/tags/-',
  '/spec/parts/0/value',
  '/spec/parts/1',
  '/spec/labels/a',
  '/spec/any/a',
  '/spec/inner/deep/z',
  '/metadata/labels',
  '/metadata/labels/a',
  '/spec/nothing/here',
  '/spec',
);
const value = fc.oneof(
  word,
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom<Json>(null, ['a'], { a: 'b' }, { id: 'a' }),
);
const operation = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path: pointer, value }),
  fc.record({ op: fc.constant('remove'), path: pointer }),
  fc.record({ op: fc.constantFrom('move', 'copy'), from: pointer, path: pointer }),
);
export const jsonPatchStep = fc.tuple(fc.array(operation, { minLength: 1, maxLength: 3 }), manager).map(([body, who]) =>
  step({
    method: 'PATCH',
    query: `?fieldManager=${who}`,
    headers: { 'content-type': 'application/json-patch+json' },
    body: body as Json,
  }),
);

export const replaceStep = fc
  .tuple(manifest, manager)
  .map(([body, who]) => step({ method: 'PUT', query: `?fieldManager=${who}`, body: body as Json }));

const condition = fc.record({ type: word, status: fc.constantFrom('True', 'False') });
const status = some({
  phase: rarely(fc.constantFrom('New', 'Ready'), fc.constant<Json>('Old')),
  conditions: fc.uniqueArray(condition, { selector: ({ type }) => type, maxLength: 3 }) as Arbitrary<Json>,
});
export const statusStep = fc.tuple(status, manager, fc.boolean()).map(([body, who, isApply]) =>
  step({
    method: 'PATCH',
    path: `${ONE}/status`,
    query: `?fieldManager=${who}${isApply ? '&force=true' : ''}`,
    headers: { 'content-type': isApply ? 'application/apply-patch+yaml' : 'application/merge-patch+json' },
    body: isApply
      ? { apiVersion: `${THINGS_GROUP}/v1`, kind: 'Thing', metadata: { name: 'thing' }, status: body }
      : { status: body },
  }),
);

export const readStep: RequestStep = { method: 'GET', path: ONE };
