import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../schema/index.ts';
import { compileJsonPath, humanDuration, type PrinterColumn, type TableInput, tableRows } from './index.ts';

const NOW = new Date('2026-11-24T10:00:00Z');
const meta = (name: string): JsonObject => ({ name, creationTimestamp: '2026-11-24T09:57:55Z' });
type Objects = { objects: readonly JsonObject[] };
const toTable = ({ objects, ...input }: TableInput & Objects): JsonObject => {
  const { head, row } = tableRows(input);
  return { ...head, rows: objects.map(row) };
};
function cells(input: Partial<TableInput & Objects>): JsonValue[] {
  const table = toTable({ objects: [], includeObject: 'None', now: NOW, listMeta: {}, ...input });
  return (table['rows'] as { cells: JsonValue[] }[])[0]?.cells ?? [];
}
const headers = (table: JsonObject) =>
  (table['columnDefinitions'] as { name: string; priority: number }[]).map(
    ({ name, priority }) => `${name}${priority > 0 ? '+' : ''}`,
  );

describe('durations', () => {
  it.each([
    [-2000, '<invalid>'],
    [-1999, '0s'],
    [0, '0s'],
    [119_999, '119s'],
    [120_000, '2m'],
    [125_000, '2m5s'],
    [599_000, '9m59s'],
    [605_000, '10m'],
    [179 * 60_000, '179m'],
    [3 * 3_600_000, '3h'],
    [3 * 3_600_000 + 300_000, '3h5m'],
    [9 * 3_600_000 + 300_000, '9h'],
    [47 * 3_600_000, '47h'],
    [50 * 3_600_000, '2d2h'],
    [8 * 86_400_000 + 3_600_000, '8d'],
    [729 * 86_400_000, '729d'],
    [731 * 86_400_000, '2y1d'],
    [10 * 365 * 86_400_000, '10y'],
  ])('%d ms shows as %s', (milliseconds, shown) => {
    expect(humanDuration(milliseconds)).toBe(shown);
  });
});

describe('JSONPath', () => {
  const object = {
    status: {
      phase: 'Ready',
      'a.b': 1,
      list: [
        { k: 'x', n: 1 },
        { k: 'y', n: 2 },
      ],
      conditions: [{ type: 'Ready', reason: 'Fine' }],
    },
  };
  it.each<[string, JsonValue[]]>([
    ['.status.phase', ['Ready']],
    ['.status.missing.deeper', []],
    ['.status.a\\.b', [1]],
    [".status['a.b']", [1]],
    ['.status.list[1].k', ['y']],
    ['.status.list[-1].k', ['y']],
    ['.status.list[*].n', [1, 2]],
    ['.status.conditions[?(@.type=="Ready")].reason', ['Fine']],
    [".status.conditions[?(@.type=='Other')].reason", []],
    ['.status.list[?(@.n>1)].k', ['y']],
  ])('%s', (path, found) => {
    expect(compileJsonPath(path)(object)).toEqual(found);
  });
  it('refuses what it does not know', () => {
    expect(() => compileJsonPath('.a[1:2]')).toThrow(SyntaxError);
  });
});

describe('tables of custom resources', () => {
  const columns: PrinterColumn[] = [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where it stands' },
    { name: 'Round', type: 'integer', jsonPath: '.status.round' },
    { name: 'Score', type: 'number', jsonPath: '.status.score' },
    { name: 'Done', type: 'boolean', jsonPath: '.status.done' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ];
  it('show name first and leave empty what is missing or of another type', () => {
    const status = {
      phase: 'Ready',
      round: 2,
      score: 1.5,
      done: true,
      conditions: [{ type: 'Ready', reason: 'Fine' }],
    };
    expect(cells({ columns, objects: [{ metadata: meta('a'), status }] })).toEqual([
      'a',
      'Ready',
      2,
      1.5,
      true,
      'Fine',
      '2m5s',
    ]);
    expect(cells({ columns, objects: [{ metadata: meta('a'), status: { round: 'x', done: 1 } }] })).toEqual([
      'a',
      null,
      null,
      null,
      null,
      null,
      '2m5s',
    ]);
  });
  it('describe their columns as the API server does', () => {
    const table = toTable({ columns, objects: [], includeObject: 'Metadata', now: NOW, listMeta: {} });
    expect(headers(table)).toEqual(['Name', 'Phase', 'Round', 'Score', 'Done', 'Reason+', 'Age']);
    expect(table['columnDefinitions']).toMatchObject([
      { type: 'string', format: 'name' },
      { description: 'Where it stands' },
      { description: 'Custom resource definition column (in JSONPath format): .status.round' },
      {},
      {},
      {},
      {},
    ]);
  });
  it('of a CRD without columns show name and age', () => {
    expect(headers(toTable({ columns: [], objects: [], includeObject: 'None', now: NOW, listMeta: {} }))).toEqual([
      'Name',
      'Age',
    ]);
    expect(cells({ columns: [], objects: [{ metadata: meta('a') }] })).toEqual(['a', '2m5s']);
  });
});

describe('tables of built-in resources', () => {
  it.each<[string, string[], JsonObject, JsonValue[]]>([
    [
      'namespaces',
      ['Name', 'Status', 'Age'],
      { metadata: meta('n'), status: { phase: 'Active' } },
      ['n', 'Active', '2m5s'],
    ],
    [
      'configmaps',
      ['Name', 'Data', 'Age'],
      { metadata: meta('c'), data: { a: '1' }, binaryData: { b: '' } },
      ['c', 2, '2m5s'],
    ],
    ['configmaps', ['Name', 'Data', 'Age'], { metadata: meta('c') }, ['c', 0, '2m5s']],
    [
      'secrets',
      ['Name', 'Type', 'Data', 'Age'],
      { metadata: meta('s'), type: 'Opaque', data: { a: '' } },
      ['s', 'Opaque', 1, '2m5s'],
    ],
    ['leases', ['Name', 'Holder', 'Age'], { metadata: meta('l'), spec: { holderIdentity: 'me' } }, ['l', 'me', '2m5s']],
    ['customresourcedefinitions', ['Name', 'Created At'], { metadata: meta('x.y') }, ['x.y', '2026-11-24T09:57:55Z']],
    [
      'events',
      ['Last Seen', 'Type', 'Reason', 'Object', 'Subobject+', 'Source+', 'Message', 'First Seen+', 'Count+', 'Name+'],
      {
        metadata: meta('e'),
        type: 'Normal',
        reason: 'Scheduled',
        message: ' On LXC-CORE\n',
        count: 3,
        involvedObject: { kind: 'Objective', name: 'tide' },
        firstTimestamp: '2026-11-24T09:00:00Z',
        lastTimestamp: '2026-11-24T09:59:00Z',
        source: { component: 'ringmaster', host: 'h' },
      },
      ['60s', 'Normal', 'Scheduled', 'objective/tide', '', 'ringmaster, h', 'On LXC-CORE', '60m', 3, 'e'],
    ],
    [
      'events',
      ['Last Seen', 'Type', 'Reason', 'Object', 'Subobject+', 'Source+', 'Message', 'First Seen+', 'Count+', 'Name+'],
      {
        metadata: meta('e'),
        type: 'Normal',
        involvedObject: { kind: 'Node' },
        firstTimestamp: null,
        eventTime: '2026-11-24T09:59:30.123456Z',
        reportingComponent: 'c',
      },
      ['29s', 'Normal', '', 'node', '', 'c', '', '29s', 1, 'e'],
    ],
  ])('%s', (builtin, names, object, expected) => {
    expect(headers(toTable({ builtin, objects: [], includeObject: 'None', now: NOW, listMeta: {} }))).toEqual(names);
    expect(cells({ builtin, objects: [object] })).toEqual(expected);
  });
});

describe('rows', () => {
  const object: JsonObject = { kind: 'ConfigMap', apiVersion: 'v1', metadata: meta('c'), data: { a: '1' } };
  const rowOf = (includeObject: TableInput['includeObject']) =>
    (
      toTable({ builtin: 'configmaps', objects: [object], includeObject, now: NOW, listMeta: {} })[
        'rows'
      ] as JsonObject[]
    )[0]?.['object'];
  it('carry metadata, nothing or the whole object', () => {
    expect(rowOf('Metadata')).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: meta('c'),
    });
    expect(rowOf('None')).toBeNull();
    expect(rowOf('Object')).toEqual(object);
  });
  it('come with the metadata of their list, and without headers after the first of a watch', () => {
    const table = toTable({
      builtin: 'configmaps',
      objects: [],
      includeObject: 'None',
      now: NOW,
      withoutHeaders: true,
      listMeta: { resourceVersion: '7', continue: '', remainingItemCount: 3, name: 'not of a list' },
    });
    expect(table).toMatchObject({ metadata: { resourceVersion: '7', remainingItemCount: 3 }, columnDefinitions: null });
    expect(table['metadata']).not.toHaveProperty('name');
  });
});
