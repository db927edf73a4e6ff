import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json/json.ts';
import type { ObjectMeta } from '../json/kube-object.ts';
import { decodeMetadata, MetadataTypeError } from './decode-metadata.ts';
import { anyPathSegment, validateMetadata, validateMetadataUpdate } from './metadata.ts';
import {
  configKeyProblems,
  dnsLabelProblems,
  dnsSubdomainProblems,
  labelValueProblems,
  qualifiedNameProblems,
} from './names.ts';

describe('names', () => {
  it.each(['a', 'a-b', '0', 'a'.repeat(63)])('takes the label %s', (name) =>
    expect(dnsLabelProblems(name)).toEqual([]),
  );
  it.each(['', '-a', 'a-', 'A', 'a.b', 'a_b', 'é', 'a\n', 'a'.repeat(64)])('refuses the label %j', (name) =>
    expect(dnsLabelProblems(name)).toHaveLength(1),
  );
  it.each(['a.b-c', 'a'.repeat(253)])('takes the subdomain %s', (name) =>
    expect(dnsSubdomainProblems(name)).toEqual([]),
  );
  it.each(['a..b', '.a', 'a.', 'A.b', 'a'.repeat(254)])('refuses the subdomain %j', (name) =>
    expect(dnsSubdomainProblems(name)).toHaveLength(1),
  );
  it.each(['a', 'A_b.c', 'x.y/Z'])('takes the key %s', (name) => expect(qualifiedNameProblems(name)).toEqual([]));
  it.each(['', '/a', 'X/a', 'a/b/c', '-a', 'a/', 'é'])('refuses the key %j', (name) =>
    expect(qualifiedNameProblems(name)).not.toEqual([]),
  );
  it.each(['', 'A_b.c'])('takes the label value %j', (value) => expect(labelValueProblems(value)).toEqual([]));
  it.each(['a b', '-', 'a'.repeat(64)])('refuses the label value %j', (value) =>
    expect(labelValueProblems(value)).not.toEqual([]),
  );
  it.each(['.', '..', '..a', 'a/b', ''])('refuses the config key %j', (key) =>
    expect(configKeyProblems(key)).not.toEqual([]),
  );
});

describe('decoding metadata', () => {
  const decode = (metadata: unknown) => {
    const object = { metadata } as JsonObject;
    const unknown = decodeMetadata(object, true);
    return { unknown, metadata: object['metadata'] };
  };

  it('drops what ObjectMeta does not know, and says so', () => {
    const { unknown, metadata } = decode({ name: 'a', foo: 1, ownerReferences: [{ uid: 'u', bar: 2 }] });
    expect(unknown).toEqual(['metadata.foo', 'metadata.ownerReferences[0].bar']);
    expect(metadata).toEqual({ name: 'a', ownerReferences: [{ uid: 'u', apiVersion: '', kind: '', name: '' }] });
  });

  it('leaves out what is empty or null, as the encoder would', () => {
    expect(
      decode({ name: 'a', labels: {}, annotations: null, finalizers: [], generation: 0, uid: '' }).metadata,
    ).toEqual({ name: 'a' });
    expect(decode({ deletionGracePeriodSeconds: 0 }).metadata).toEqual({ deletionGracePeriodSeconds: 0 });
  });

  it('keeps what a client says of field managers', () => {
    const entry = { manager: 'x', subresource: '', time: '2026-11-24T07:00:00.5+01:00', fieldsV1: { 'f:a': {} } };
    expect(decode({ managedFields: [{ ...entry, colour: 'red' }, null] })).toEqual({
      unknown: ['metadata.managedFields[0].colour'],
      metadata: {
        managedFields: [{ manager: 'x', time: '2026-11-24T06:00:00Z', fieldsV1: { 'f:a': {} } }, {}],
      },
    });
  });

  it('cuts timestamps to seconds in UTC', () => {
    expect(decode({ creationTimestamp: '2026-11-24T08:00:00.123+02:00' }).metadata).toEqual({
      creationTimestamp: '2026-11-24T06:00:00Z',
    });
  });

  it.each([
    [{ labels: { a: 1 } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string'],
    [{ name: 1 }, 'cannot unmarshal number'],
    [{ finalizers: 'a' }, 'cannot unmarshal string'],
    [{ ownerReferences: [1] }, 'cannot unmarshal number'],
    [{ creationTimestamp: 'yesterday' }, 'parsing time'],
    ['a', 'cannot unmarshal string'],
  ])('refuses %j', (metadata, message) => {
    expect(() => decode(metadata)).toThrow(MetadataTypeError);
    expect(() => decode(metadata)).toThrow(message);
  });
});

describe('validating metadata', () => {
  const fieldsOf = (meta: Partial<ObjectMeta>, namespaced = true) =>
    validateMetadata(meta as ObjectMeta, namespaced, anyPathSegment).map(({ field }) => field);

  it('wants a name and, in namespaced kinds only, a namespace', () => {
    expect(fieldsOf({})).toEqual(['metadata.name', 'metadata.namespace']);
    expect(fieldsOf({ name: 'a', namespace: 'd' }, false)).toEqual(['metadata.namespace']);
    expect(fieldsOf({ name: 'a', namespace: 'd' })).toEqual([]);
  });

  it('bounds annotations at 256 KiB in all', () => {
    const annotations = { a: 'x'.repeat(256 * 1024) };
    expect(fieldsOf({ name: 'a', namespace: 'd', annotations })).toEqual(['metadata.annotations']);
  });

  it('allows one controller, no empty owner, no Event as owner, and not both deletion finalizers', () => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u', controller: true };
    expect(fieldsOf({ name: 'a', namespace: 'd', ownerReferences: [owner, owner] })).toEqual([
      'metadata.ownerReferences',
    ]);
    expect(
      fieldsOf({ name: 'a', namespace: 'd', ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] }),
    ).toHaveLength(4);
    expect(fieldsOf({ name: 'a', namespace: 'd', ownerReferences: [{ ...owner, kind: 'Event' }] })).toEqual([
      'metadata.ownerReferences',
    ]);
    expect(fieldsOf({ name: 'a', namespace: 'd', finalizers: ['orphan', 'foregroundDeletion'] })).toEqual([
      'metadata.finalizers',
    ]);
  });

  it('refuses to change what identifies an object, and new finalizers on one that is being deleted', () => {
    const old: ObjectMeta = {
      name: 'a',
      uid: 'u',
      creationTimestamp: 'T',
      deletionTimestamp: 'D',
      finalizers: ['a/b'],
    };
    const changed = { ...old, name: 'b', uid: 'v', finalizers: ['a/b', 'a/c'] };
    expect(validateMetadataUpdate(changed, old).map(({ field }) => field)).toEqual([
      'metadata.finalizers',
      'metadata.name',
      'metadata.uid',
    ]);
    expect(validateMetadataUpdate({ ...old, labels: { a: 'b' }, finalizers: [] }, old)).toEqual([]);
  });
});
