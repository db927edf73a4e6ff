import { ANNOTATIONS, type Objective } from '@dark-carnival/crds';
import { anObjective } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { freshCopy } from './fresh-copy.ts';
import { money, retryOne, whatRunsAgain, wholeNumber } from './retrying.ts';

type Status = NonNullable<Objective['status']>;
const ended = (status: Status, spec: object = {}, metadata: object = {}) =>
  anObjective({ metadata: { name: 'tide', ...metadata }, spec, status });

describe('retry', () => {
  it('raises the counter by one, and the budget where it is told to', () => {
    expect(retryOne(ended({ phase: 'Failed', retriesTaken: 2 }, { retry: 2 }), { maxTokens: 5 })).toEqual({
      spec: { retry: 3, budget: { maxTokens: 5 } },
    });
    expect(retryOne(ended({ phase: 'Expired' }), {})).toEqual({ spec: { retry: 1 } });
  });

  it.each([
    [{ phase: 'Completed' }, {}, /is completed: carnival rerun/],
    [{ phase: 'Debating' }, {}, /has not failed \(phase Debating\)/],
    [{ phase: 'Failed' }, { desiredState: 'Aborted' }, /aborted for ever/],
    [{ phase: 'Failed' }, { retry: 1 }, /being tried again already/],
    [{ phase: 'Failed', retriesTaken: 5 }, { retry: 5 }, /tried 5 times, and that is the limit/],
  ] as [Status, object, RegExp][])('says why it cannot be: %j %j', (status, spec, words) => {
    expect(() => retryOne(ended(status, spec), {})).toThrow(words);
  });

  it('says beforehand what it will do', () => {
    const decision = {
      requestID: 'u-1',
      planHash: '',
      decision: 'Approve',
      decidedBy: 'a',
      at: '',
      prevHash: '',
    } as const;
    expect(whatRunsAgain(ended({ phase: 'Failed', decisions: [decision] }))).toBe('what failed runs again');
    expect(whatRunsAgain(ended({ phase: 'Failed' }))).toBe('the debate starts again');
    expect(whatRunsAgain(ended({ phase: 'Expired' }))).toBe('the same plan is asked about again');
  });

  it('takes numbers and money, and nothing that looks like it', () => {
    expect([wholeNumber('--x', '200000'), money('--x', '2.50')]).toEqual([200_000, '2.50']);
    for (const text of ['0', '-1', '1.5', '1e9', 'many', ''])
      expect(() => wholeNumber('--max-tokens', text)).toThrow(/--max-tokens takes a whole number/);
    for (const text of ['-1', '1,50', '.5', '$2', '']) expect(() => money('--max-cost-usd', text)).toThrow(/dollars/);
  });
});

describe('a fresh copy', () => {
  const random = () => 0;

  it('has the goal and its settings, and nothing of the run before', () => {
    const before = ended(
      { phase: 'Aborted' },
      {
        directive: 'Plan a tide chart',
        wagonName: 'lxc-core',
        budget: { maxTokens: 100 },
        ttlSecondsAfterFinished: 60,
        desiredState: 'Aborted',
        retry: 2,
        requestedBy: 'bob',
        parentRef: { name: 'p', uid: 'u' },
        intervention: { requestID: 'u-1', planHash: '', decision: 'Approve', decidedBy: 'bob' },
      },
      {
        labels: { team: 'harbour', 'kustomize.toolkit.fluxcd.io/name': 'apps', 'darkcarnival.dev/event': 'drill' },
        annotations: { 'argocd.argoproj.io/tracking-id': 'x' },
      },
    );
    const copy = freshCopy(before, { random });
    expect(copy.metadata).toEqual({
      name: 'tide-bbbb',
      namespace: 'default',
      labels: { team: 'harbour' },
      annotations: { [ANNOTATIONS.rerunOf]: 'tide' },
    });
    expect(copy.spec).toMatchObject({
      directive: 'Plan a tide chart',
      wagonName: 'lxc-core',
      budget: { maxTokens: 100 },
      ttlSecondsAfterFinished: 60,
    });
    for (const member of ['desiredState', 'retry', 'requestedBy', 'parentRef', 'intervention'])
      expect(copy.spec).not.toHaveProperty(member);
  });

  it('of a copy does not grow its name, and a long name is cut', () => {
    const copy = ended({ phase: 'Failed' }, {}, { name: 'tide-bcdf', annotations: { [ANNOTATIONS.rerunOf]: 'tide' } });
    expect(freshCopy(copy, { random }).metadata.name).toBe('tide-bbbb');
    const long = ended({ phase: 'Failed' }, {}, { name: 'x'.repeat(52) });
    expect(freshCopy(long, { random }).metadata.name.length).toBeLessThanOrEqual(52);
    expect(freshCopy(long, { name: 'mine', random }).metadata.name).toBe('mine');
  });

  it('is not made of one that still runs', () => {
    expect(() => freshCopy(ended({ phase: 'Executing' }), { random })).toThrow(/has not ended/);
  });
});
