import type { ApprovalRequest, Decision, Intervention } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../runtime/digests.ts';
import {
  answers,
  approvedHash,
  feedbackLeft,
  GENESIS_HASH,
  lastPlanNumber,
  recordDecision,
  requestNumber,
  violatesSeparation,
} from './gate.ts';

const hash = `sha256:${'a'.repeat(64)}`;
const other = `sha256:${'b'.repeat(64)}`;
const request: ApprovalRequest = {
  id: 'uid-2',
  planHash: hash,
  requestedAt: '2026-11-24T12:00:00Z',
  feedbackLeft: 5,
  forecast: { tokens: 1 },
};
const intervention: Intervention = { requestID: 'uid-2', planHash: hash, decision: 'Approve', decidedBy: 'alice' };
const taken = {
  requestID: 'uid-1',
  planHash: hash,
  decision: 'Feedback',
  decidedBy: 'alice',
  at: '2026-11-24T12:00:00Z',
} as const;

describe('whether an intervention answers the question', () => {
  it.each([
    { name: 'the very id and hash do', intervention, want: true },
    { name: 'an older id does not', intervention: { ...intervention, requestID: 'uid-1' }, want: false },
    { name: 'another plan does not', intervention: { ...intervention, planHash: other }, want: false },
    { name: 'none does not', intervention: undefined, want: false },
  ])('$name', ({ intervention: given, want }) => {
    expect(answers(given, request)).toBe(want);
  });

  it('nothing answers where nothing is asked', () => {
    expect(answers(intervention, undefined)).toBe(false);
  });
});

describe('the chain of decisions', () => {
  it('begins at a constant and goes on from the hash of the last', () => {
    const first = recordDecision(undefined, taken);
    const second = recordDecision(first, { ...taken, requestID: 'uid-2' });
    expect(first[0]?.prevHash).toBe(GENESIS_HASH);
    expect(second[1]?.prevHash).toBe(digestOf(first[0]));
  });

  it('shows a decision that was changed afterwards', () => {
    const [first, second] = recordDecision(recordDecision(undefined, taken), taken) as [Decision, Decision];
    expect(second.prevHash).not.toBe(digestOf({ ...first, decidedBy: 'mallory' }));
  });
});

describe('what may be executed', () => {
  it('is the plan of the last decision, if that approves', () => {
    const approve: Decision = { ...taken, decision: 'Approve', planHash: other, prevHash: GENESIS_HASH };
    expect(approvedHash({ decisions: [approve] })).toBe(other);
    expect(approvedHash({ decisions: [approve, { ...approve, decision: 'Abort' }] })).toBeUndefined();
    expect(approvedHash({})).toBeUndefined();
  });
});

describe('how much feedback is left', () => {
  it('is five in a life, and none where no round is left', () => {
    const given = recordDecision(recordDecision(undefined, taken), taken);
    expect(feedbackLeft({})).toBe(5);
    expect(feedbackLeft({ decisions: given, debate: { round: 3 } })).toBe(3);
    expect(feedbackLeft({ debate: { round: 8 } })).toBe(2);
    expect(feedbackLeft({ debate: { round: 10 } })).toBe(0);
  });
});

describe('separation of duties', () => {
  const approval = (separationOfDuties: 'Required' | 'NotRequired') =>
    ({ mode: 'Manual', children: 'Ask', separationOfDuties }) as const;
  it("refuses the requester's own approval where it is required, and nowhere else", () => {
    expect(violatesSeparation({ approval: approval('Required'), requestedBy: 'alice' }, 'alice')).toBe(true);
    expect(violatesSeparation({ approval: approval('Required'), requestedBy: 'alice' }, 'bob')).toBe(false);
    expect(violatesSeparation({ approval: approval('NotRequired'), requestedBy: 'alice' }, 'alice')).toBe(false);
  });
});

describe('the number of a plan', () => {
  const metadata = { name: 'tide-plan-7' };
  const plan = (configMapName: string) => ({ plan: { hash, summary: '', configMapName, taskCount: 1 } });
  it("is read from its ConfigMap's name, also where the Objective's own name looks like one", () => {
    expect(lastPlanNumber({ metadata, status: plan('tide-plan-7-plan-3') })).toBe(3);
    expect(lastPlanNumber({ metadata, status: {} })).toBe(0);
    expect(lastPlanNumber({ metadata, status: plan('something-else') })).toBe(0);
  });

  it('stands after the uid in the id of a request', () => {
    expect(requestNumber('6a1f-1', '6a1f-1-12')).toBe(12);
    expect(requestNumber('6a1f-1', 'other-12')).toBe(0);
  });
});
