import { describe, expect, it } from 'vitest';
import { decodeProtobuf, ProtobufError } from './decode.ts';

/** Encodes by hand, so that the reader is not checked against its own mistakes. */
const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 128))];
const bytesField = (number: number, bytes: Iterable<number>): number[] => [
  ...varint((number << 3) | 2),
  ...varint([...bytes].length),
  ...bytes,
];
const textField = (number: number, text: string) => bytesField(number, Buffer.from(text));
const intField = (number: number, value: number) => [...varint(number << 3), ...varint(value)];
const entry = (number: number, key: string, value: Iterable<number>) =>
  bytesField(number, [...textField(1, key), ...bytesField(2, value)]);
const body = (apiVersion: string, kind: string, raw: number[]) =>
  Uint8Array.from([
    ...Buffer.from('k8s\0'),
    ...bytesField(1, [...textField(1, apiVersion), ...textField(2, kind)]),
    ...bytesField(2, raw),
    ...textField(3, ''),
    ...textField(4, ''),
  ]);

/** Metadata as Go writes it: its empty strings are on the wire, too. */
const metadata = (name: string, more: number[] = []) =>
  bytesField(1, [
    ...textField(1, name),
    ...textField(2, ''),
    ...textField(3, 'default'),
    ...textField(5, ''),
    ...intField(7, 0),
    ...bytesField(8, []),
    ...more,
  ]);

describe('protobuf bodies', () => {
  it('reads a ConfigMap, whose empty fields are absent', () => {
    const raw = [
      ...metadata('c', entry(11, 'x', Buffer.from('y'))),
      ...entry(2, 'a', Buffer.from('é')),
      ...entry(2, 'empty', []),
      ...entry(3, 'b', [0, 255]),
    ];
    expect(decodeProtobuf(body('v1', 'ConfigMap', raw))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', namespace: 'default', labels: { x: 'y' } },
      data: { a: 'é', empty: '' },
      binaryData: { b: 'AP8=' },
    });
  });
  it('keeps the zero value of a pointer', () => {
    expect(
      decodeProtobuf(body('v1', 'Secret', [...metadata('s'), ...intField(5, 0), ...textField(3, 'Opaque')])),
    ).toMatchObject({ immutable: false, type: 'Opaque' });
    expect(decodeProtobuf(body('v1', 'DeleteOptions', [...intField(1, 0), ...textField(5, 'All')]))).toMatchObject({
      gracePeriodSeconds: 0,
      dryRun: ['All'],
    });
  });
  it('reads the times of a Lease to the microsecond', () => {
    const renewTime = bytesField(4, [...intField(1, 1_795_514_400), ...intField(2, 123_456_000)]);
    const raw = [...metadata('l'), ...bytesField(2, [...textField(1, 'me'), ...intField(2, 15), ...renewTime])];
    expect(decodeProtobuf(body('coordination.k8s.io/v1', 'Lease', raw))).toMatchObject({
      spec: { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime: '2026-11-24T10:00:00.123456Z' },
    });
  });
  it('reads the review that kubectl auth can-i sends', () => {
    const attributes = [
      ...textField(1, 'default'),
      ...textField(2, 'create'),
      ...textField(3, 'darkcarnival.dev'),
      ...textField(4, '*'),
      ...textField(5, 'objectives'),
    ];
    const raw = [...metadata(''), ...bytesField(2, bytesField(1, attributes))];
    expect(decodeProtobuf(body('authorization.k8s.io/v1', 'SelfSubjectAccessReview', raw))).toMatchObject({
      spec: {
        resourceAttributes: { namespace: 'default', verb: 'create', group: 'darkcarnival.dev', resource: 'objectives' },
      },
    });
  });
  it.each<[string, Uint8Array]>([
    ['without its prefix', Buffer.from('{"kind":"ConfigMap"}')],
    ['of a kind that has no protobuf here', body('apps/v1', 'Deployment', [])],
    ['cut short', body('v1', 'ConfigMap', metadata('c')).subarray(0, 30)],
    ['whose length lies', body('v1', 'ConfigMap', [10, 200, 1])],
    ['with text that is no UTF-8', body('v1', 'ConfigMap', bytesField(1, bytesField(1, [255])))],
    [
      'with an endless number',
      body(
        'v1',
        'ConfigMap',
        Array.from({ length: 20 }, () => 0xff),
      ),
    ],
  ])('refuses a body %s', (_what, bytes) => {
    expect(() => decodeProtobuf(bytes)).toThrow(ProtobufError);
  });
});
