import { describe, expect, it } from 'vitest';
import type { Json, Outcome } from '../case.ts';
import { compare } from './compare.ts';
import { normalize } from './normalize.ts';

const answer = (body: Json): Outcome => ({
  kind: 'answer',
  status: 200,
  contentType: 'application/json',
  headers: {},
  warnings: [],
  body,
});
const printed = (stdout: string): Outcome => ({ kind: 'kubectl', code: 0, stdout, stderr: '' });
const of = (...outcomes: Outcome[]) => normalize(outcomes, { url: 'https://127.0.0.1:6443', keepManagedFields: false });
const differences = (real: Outcome[], local: Outcome[]) => compare(of(...real), of(...local)).map(({ at }) => at);

const uid = (digit: string) => `${digit.repeat(8)}-0000-4000-8000-000000000000`;
const object = (version: string, own: string, owner: string): Json => ({
  metadata: {
    name: 'a',
    resourceVersion: version,
    uid: own,
    ownerReferences: [{ uid: owner }],
    creationTimestamp: '2026-11-24T10:00:00Z',
  },
});

describe('what engines choose freely', () => {
  it('is the same where only the choice differs', () => {
    const real = [answer(object('7', uid('a'), uid('b'))), answer(object('9', uid('a'), uid('b')))];
    const local = [answer(object('100', uid('c'), uid('d'))), answer(object('101', uid('c'), uid('d')))];
    expect(differences(real, local)).toEqual([]);
  });
  it('shows where a version does not move, or moves back', () => {
    const real = [answer(object('7', uid('a'), uid('b'))), answer(object('9', uid('a'), uid('b')))];
    expect(
      differences(real, [answer(object('5', uid('a'), uid('b'))), answer(object('5', uid('a'), uid('b')))]),
    ).toEqual(['1.body.metadata.resourceVersion']);
    expect(
      differences(real, [answer(object('6', uid('a'), uid('b'))), answer(object('5', uid('a'), uid('b')))]),
    ).toHaveLength(2);
  });
  it('shows where a uid changes that should not', () => {
    const real = [answer(object('7', uid('a'), uid('b'))), answer(object('9', uid('a'), uid('b')))];
    const local = [answer(object('7', uid('a'), uid('b'))), answer(object('9', uid('c'), uid('b')))];
    expect(differences(real, local)).toEqual(['1.body.metadata.uid']);
  });
  it('does not hide times that a client wrote', () => {
    expect(
      differences(
        [answer({ spec: { at: '2026-11-24T10:00:00Z' } })],
        [answer({ spec: { at: '2026-11-24T10:00:01Z' } })],
      ),
    ).toEqual(['0.body.spec.at']);
  });
  it('includes the order of the causes of an error, not the causes', () => {
    const status = (...fields: string[]): Json => ({
      kind: 'Status',
      message: `X "a" is invalid: [${fields.join(': no, ')}: no]`,
      details: { causes: fields.map((field) => ({ field, message: 'no' })) },
    });
    expect(differences([answer(status('spec.a', 'spec.b'))], [answer(status('spec.b', 'spec.a'))])).toEqual([]);
    expect(differences([answer(status('spec.a', 'spec.b'))], [answer(status('spec.a', 'spec.c'))])).toEqual([
      '0.body.details.causes.1.field',
    ]);
  });
  it('includes widths and ages of what kubectl prints, not its words', () => {
    expect(differences([printed('NAME   AGE\na      5s\n')], [printed('NAME AGE\na    12m\n')])).toEqual([]);
    expect(differences([printed('NAME   PHASE\na      Ready\n')], [printed('NAME   PHASE\na      Stale\n')])).toEqual([
      '0.stdout.1',
    ]);
  });
  it('does not show the names and times of the files that kubectl makes', () => {
    const diff = (n: number) =>
      printed(
        `diff -u -N /tmp/LIVE-${n}/a /tmp/MERGED-${n}/a\n--- /tmp/LIVE-${n}/a\t2026-11-24 11:46:2${n}.8 +0000\n-x\n`,
      );
    expect(differences([diff(1)], [diff(2)])).toEqual([]);
  });
  it('does not show in which order a server tells of owners of fields, and of problems of a type', () => {
    const owned = (...managers: string[]) =>
      answer({ managedFields: managers.map((manager) => ({ manager, operation: 'Update' })) });
    const told = (lines: string) =>
      answer({ message: `failed to create typed patch object (/a; v1, Kind=X): ${lines}` });
    const shown = (outcome: Outcome) =>
      normalize([outcome], { url: 'https://127.0.0.1:6443', keepManagedFields: true });
    expect(shown(owned('b', 'a'))).toEqual(shown(owned('a', 'b')));
    expect(shown(owned('b', 'a'))).not.toEqual(shown(owned('a', 'c')));
    expect(shown(told('errors:\n  .a: x\n  .b: y'))).toEqual(shown(told('errors:\n  .b: y\n  .a: x')));
    expect(shown(told('.c: field not declared in schema'))).toEqual(
      shown(told('errors:\n  .a: x\n  .b: field not declared in schema')),
    );
  });
  it('does not show the uids by which list items are named, nor when kubectl logged a line', () => {
    const owned = (uid: string) => answer({ 'f:ownerReferences': { [`k:{"uid":"${uid}"}`]: {} } });
    expect(
      differences([owned('00000000-0000-4000-8000-00000000000a')], [owned('00000000-0000-4000-8000-00000000000b')]),
    ).toEqual([]);
    const logged = (time: string) => printed(`W1124 ${time}.846211   19749 diff.go:723] it keeps changing\n`);
    expect(differences([logged('11:54:00')], [logged('11:54:01')])).toEqual([]);
  });
  it('leaves out the record of field owners that kubectl prints', () => {
    const yaml = (manager: string) =>
      printed(
        `items:\n- metadata:\n    managedFields:\n    - manager: ${manager}\n      time: x\n    name: a\n  spec: {}\n`,
      );
    const listed = (manager: string) =>
      printed(`{\n  "metadata": {\n    "managedFields": [\n      "${manager}"\n    ],\n    "name": "a"\n  }\n}\n`);
    for (const text of [yaml, listed]) expect(differences([text('x')], [text('y')])).toEqual([]);
    expect(
      differences([printed('managedFields:\n- x\nname: a\n')], [printed('managedFields:\n- x\nname: b\n')]),
    ).toEqual(['0.stdout.0']);
  });
  it('compares one object on one line as an object', () => {
    expect(
      differences(
        [printed('{"kind":"List","metadata":{"continue":"","resourceVersion":"7"},"items":[]}\n')],
        [printed('{"metadata":{"resourceVersion":"9"},"kind":"List","items":[]}\n')],
      ),
    ).toEqual([]);
    expect(differences([printed('{"a":1}')], [printed('{"a":2}')])).toEqual(['0.stdout.a']);
  });
  it('leaves everything else to be compared, absent and null apart', () => {
    expect(differences([answer({ a: 1, b: null })], [answer({ a: 2 })])).toEqual(['0.body.a', '0.body.b']);
  });
});
