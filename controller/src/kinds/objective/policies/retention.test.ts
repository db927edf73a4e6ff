import { describe, expect, it } from 'vitest';
import { NOW_MS } from '../../../../testing/a-snapshot.ts';
import { trackedByGitOps, ttlLeftMs } from './retention.ts';

describe('how long an ended Objective is kept', () => {
  const ended = { completionTime: '2026-11-24T11:59:00Z' };
  it.each([
    {
      name: 'for ever without a time to live',
      ttl: undefined,
      status: { ...ended, phase: 'Completed' },
      want: undefined,
    },
    { name: 'until its time is over', ttl: 90, status: { ...ended, phase: 'Failed' }, want: 30_000 },
    { name: 'no longer than that', ttl: 60, status: { ...ended, phase: 'Aborted' }, want: 0 },
    {
      name: 'for ever while its plan was never decided about',
      ttl: 60,
      status: { ...ended, phase: 'Expired' },
      want: undefined,
    },
    { name: 'while it runs', ttl: 0, status: { phase: 'Executing' }, want: undefined },
  ] as const)('$name', ({ ttl, status, want }) => {
    expect(ttlLeftMs(ttl, status, NOW_MS)).toBe(want);
  });

  it('is not decided by us where a GitOps tool would make it again', () => {
    expect(trackedByGitOps({ name: 'a', labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } })).toBe(true);
    expect(trackedByGitOps({ name: 'a', annotations: { 'argocd.argoproj.io/tracking-id': 'apps:x' } })).toBe(true);
    expect(trackedByGitOps({ name: 'a', labels: { app: 'x' } })).toBe(false);
  });
});
