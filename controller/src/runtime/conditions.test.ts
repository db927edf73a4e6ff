import type { Condition, KubeObject } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { findCondition, isConditionTrue, removeCondition, setCondition, type WantedCondition } from './conditions.ts';
import { type KStatus, kstatusOf, summarize } from './kstatus.ts';

const at = (time: string) => () => `2026-01-01T00:00:${time}Z`;
const wanted = (over: Partial<WantedCondition> = {}): WantedCondition => ({
  type: 'Scheduled',
  status: 'True',
  reason: 'Found',
  message: 'on lxc-core',
  observedGeneration: 1,
  ...over,
});

describe('setCondition', () => {
  it('gives the same array back when nothing changed, so nothing is written', () => {
    const first = setCondition(undefined, wanted(), at('01'));
    expect(setCondition(first, wanted(), at('59'))).toBe(first);
  });

  it('moves the time of transition only when the status changes', () => {
    const first = setCondition(undefined, wanted(), at('01'));
    const reworded = setCondition(first, wanted({ message: 'on lxc-osint', observedGeneration: 2 }), at('02'));
    expect(findCondition(reworded, 'Scheduled')).toMatchObject({
      message: 'on lxc-osint',
      lastTransitionTime: at('01')(),
    });
    const turned = setCondition(reworded, wanted({ status: 'False' }), at('03'));
    expect(findCondition(turned, 'Scheduled')?.lastTransitionTime).toBe(at('03')());
  });

  it('sorts by type, so that the order in which they were set never shows', () => {
    const types = ['Ready', 'Accepted', 'Scheduled'];
    const set = (order: string[]) =>
      order.reduce<readonly Condition[] | undefined>(
        (all, type) => setCondition(all, wanted({ type }), at('01')),
        undefined,
      );
    expect(set(types)).toEqual(set([...types].reverse()));
    expect(set(types)?.map(({ type }) => type)).toEqual(['Accepted', 'Ready', 'Scheduled']);
  });

  it('shortens a message that the schema would refuse, and still finds it unchanged', () => {
    const long = wanted({ message: '🤡'.repeat(3_000) });
    const first = setCondition(undefined, long, at('01'));
    expect([...(first[0]?.message ?? '')]).toHaveLength(1_024);
    expect(setCondition(first, long, at('02'))).toBe(first);
  });

  it('removes one, and nothing when it is not there', () => {
    const first = setCondition(undefined, wanted(), at('01'));
    expect(removeCondition(first, 'Other')).toBe(first);
    expect(removeCondition(first, 'Scheduled')).toEqual([]);
    expect(isConditionTrue(first, 'Scheduled')).toBe(true);
    expect(isConditionTrue(undefined, 'Scheduled')).toBe(false);
  });
});

describe('summarize', () => {
  it('has Reconciling and Stalled there only while they are True', () => {
    const ready = { status: 'False', reason: 'Debating', message: 'round 1' } as const;
    const busy = summarize(undefined, { ready, reconciling: { reason: 'Debating', message: 'round 1' } }, 3, at('01'));
    expect(busy.map(({ type, status }) => `${type}=${status}`)).toEqual(['Ready=False', 'Reconciling=True']);
    const settled = summarize(busy, { ready: { status: 'True', reason: 'Completed', message: '' } }, 3, at('02'));
    expect(settled.map(({ type, status }) => `${type}=${status}`)).toEqual(['Ready=True']);
    expect(summarize(settled, { ready: { status: 'True', reason: 'Completed', message: '' } }, 3, at('03'))).toBe(
      settled,
    );
  });
});

describe('kstatusOf', () => {
  const object = (conditions: string[], over: Partial<KubeObject['metadata']> = {}, observedGeneration = 2) => ({
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'x', generation: 2, ...over },
    status: {
      conditions: conditions.map((each): Condition => {
        const [type = '', status = ''] = each.split('=');
        return { type, status: status as 'True', reason: 'R', message: '', lastTransitionTime: '', observedGeneration };
      }),
    },
  });
  const rows: { name: string; given: ReturnType<typeof object>; want: KStatus }[] = [
    { name: 'ready', given: object(['Ready=True']), want: 'Current' },
    { name: 'not ready yet', given: object(['Ready=False']), want: 'InProgress' },
    { name: 'never reconciled', given: object([]), want: 'InProgress' },
    { name: 'reconciled before the last change', given: object(['Ready=True'], {}, 1), want: 'InProgress' },
    { name: 'stalled', given: object(['Ready=False', 'Stalled=True']), want: 'Failed' },
    { name: 'reconciling', given: object(['Ready=True', 'Reconciling=True']), want: 'InProgress' },
    { name: 'on its way out', given: object(['Ready=True'], { deletionTimestamp: 'now' }), want: 'Terminating' },
  ];
  it.each(rows)('$name: $want', ({ given, want }) => {
    expect(kstatusOf(given)).toBe(want);
  });
});
