import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { compileSchema, isJsonObject, type JsonObject, validateCrd } from './index.ts';

/** The rules of the Objective that is shipped, each with an object that it accepts and one that it refuses. */
function shipped(plural: string): JsonObject {
  const crd = load(
    readFileSync(new URL(`../../../crds/generated/${plural}.darkcarnival.dev.yaml`, import.meta.url), 'utf8'),
  );
  if (!isJsonObject(crd)) throw new Error(`${plural} is no CRD`);
  return crd;
}
const objective = compileSchema(shipped('objectives'), 'v1alpha1');

const hash = (digit: string) => `sha256:${digit.repeat(64)}`;
const REQUEST = {
  id: 'uid-1',
  planHash: hash('a'),
  requestedAt: '2026-11-24T10:00:00Z',
  feedbackLeft: 5,
  forecast: { tokens: 100, costUSD: '0.10' },
};
const ANSWER = { requestID: 'uid-1', planHash: hash('a'), decision: 'Approve', decidedBy: 'ada' };
const FEEDBACK = { ...ANSWER, decision: 'Feedback', feedback: 'more tide, less chart' };
const DECIDED = {
  requestID: 'uid-1',
  planHash: hash('a'),
  decision: 'Approve',
  decidedBy: 'bob',
  at: '2026-11-24T10:01:00Z',
  prevHash: hash('0'),
};

interface Parts {
  name?: string;
  spec?: JsonObject;
  status?: JsonObject;
}
function anObjective({ name = 'tide-chart', spec = {}, status }: Parts = {}): JsonObject {
  const object: JsonObject = {
    apiVersion: 'darkcarnival.dev/v1alpha1',
    kind: 'Objective',
    metadata: { name },
    spec: { directive: 'Plan a tide chart', ...spec },
    ...(status ? { status } : {}),
  };
  objective.applyDefaults(object);
  return object;
}
const waiting = (spec: JsonObject = {}, request: JsonObject = {}) =>
  anObjective({ spec, status: { phase: 'AwaitingHuman', approvalRequest: { ...REQUEST, ...request } } });
const answered = (spec: JsonObject = {}) => anObjective({ spec, status: { phase: 'Executing', decisions: [DECIDED] } });
const plain = (spec: JsonObject = {}) => anObjective({ spec });

function said(now: JsonObject, before?: JsonObject): string[] {
  return objective.validate(now, before).map((error) => `${error.field}: ${error.message}`);
}

const IMMUTABLE =
  'spec: Forbidden: spec is immutable but for desiredState, budget, retry, ttlSecondsAfterFinished, intervention: make a new object instead';
const MUST_CARRY = `spec.intervention: Forbidden: spec.intervention must carry requestID uid-1 and planHash ${hash('a')}`;
const TOO_EARLY =
  'spec.intervention: Invalid value: "object": spec.intervention is absent until the Objective asks: it answers status.approvalRequest';
const HAS_BEEN = 'spec.intervention: Forbidden: request uid-1 has been answered: Approve by ada';
const BUDGET =
  'spec: Invalid value: "object": a limit of the budget may grow or be removed; one that was absent cannot be set later';
const RETRY = 'spec: Invalid value: "object": retry only grows, and not once aborted';

describe('the CRDs that are shipped', () => {
  it.each(['objectives', 'wagons', 'modelproviders'])('%s is sound', (plural) => {
    expect(validateCrd(shipped(plural))).toEqual([]);
  });
});

describe('the gate', () => {
  it.each<[string, JsonObject, JsonObject | undefined]>([
    ['an objective with only a directive', plain(), undefined],
    ['the right answer to the open request', waiting({ intervention: ANSWER }), waiting()],
    ['feedback with its words', waiting({ intervention: FEEDBACK }), waiting()],
    ['an abort', waiting({ intervention: { ...ANSWER, decision: 'Abort' } }), waiting()],
    [
      'the controller clearing the request once it is answered',
      answered({ intervention: ANSWER }),
      waiting({ intervention: ANSWER }),
    ],
    [
      'a new answer to the next request',
      waiting({ intervention: { ...ANSWER, requestID: 'uid-2' } }, { id: 'uid-2' }),
      waiting({ intervention: FEEDBACK }, { id: 'uid-2' }),
    ],
    ['an old answer removed once its request is closed', answered(), answered({ intervention: ANSWER })],
    [
      'feedback kept when none is left',
      waiting({ intervention: FEEDBACK, retry: 1 }, { feedbackLeft: 0, id: 'uid-2' }),
      waiting({ intervention: FEEDBACK }, { feedbackLeft: 0, id: 'uid-2' }),
    ],
  ])('accepts %s', (_what, now, before) => {
    expect(said(now, before)).toEqual([]);
  });

  it.each<[string, JsonObject, JsonObject | undefined, string[]]>([
    ['an answer at creation', plain({ intervention: ANSWER }), undefined, [TOO_EARLY]],
    [
      'an answer before anything was asked',
      plain({ intervention: ANSWER }),
      plain(),
      [TOO_EARLY, 'spec.intervention: Forbidden: no approval request is open'],
    ],
    ['the wrong hash', waiting({ intervention: { ...ANSWER, planHash: hash('b') } }), waiting(), [MUST_CARRY]],
    ['a stale id', waiting({ intervention: { ...ANSWER, requestID: 'uid-0' } }), waiting(), [MUST_CARRY]],
    [
      'a second person',
      answered({ intervention: ANSWER }),
      answered(),
      ['spec.intervention: Forbidden: no request is open; the last was answered Approve by bob'],
    ],
    [
      'a flip',
      waiting({ intervention: { ...ANSWER, decision: 'Abort' } }),
      waiting({ intervention: ANSWER }),
      [HAS_BEEN],
    ],
    ['a removal', waiting(), waiting({ intervention: ANSWER }), [HAS_BEEN]],
    [
      'a sixth feedback',
      waiting({ intervention: FEEDBACK }, { feedbackLeft: 0 }),
      waiting({}, { feedbackLeft: 0 }),
      ['spec.intervention.decision: Invalid value: "object": no feedback round is left: Approve or Abort'],
    ],
    [
      'feedback without words',
      waiting({ intervention: { ...ANSWER, decision: 'Feedback' } }),
      waiting(),
      ['spec.intervention: Invalid value: "object": feedback is required with decision Feedback, and only there'],
    ],
    [
      'words without feedback',
      waiting({ intervention: { ...ANSWER, feedback: 'well' } }),
      waiting(),
      ['spec.intervention: Invalid value: "object": feedback is required with decision Feedback, and only there'],
    ],
  ])('refuses %s', (_what, now, before, expected) => {
    expect(said(now, before)).toEqual(expected);
  });
});

describe('the other rules of an Objective', () => {
  it.each<[string, JsonObject, JsonObject | undefined]>([
    ['a pause', plain({ desiredState: 'Paused' }), plain()],
    ['an abort', plain({ desiredState: 'Aborted' }), plain({ desiredState: 'Paused' })],
    ['another try', plain({ retry: 1 }), plain()],
    ['a first budget at creation', plain({ budget: { maxTokens: 1, maxCostUSD: '0.50' } }), undefined],
    [
      'a limit that grows, in decimals',
      plain({ budget: { maxCostUSD: '10.00' } }),
      plain({ budget: { maxCostUSD: '9.99' } }),
    ],
    [
      'a limit that is removed',
      plain({ budget: { maxTokens: 5 } }),
      plain({ budget: { maxTokens: 5, maxCostUSD: '1' } }),
    ],
    ['a budget that is removed', plain(), plain({ budget: { maxTokens: 5 } })],
    ['a directive of 16,384 bytes', plain({ directive: 'x'.repeat(16_384) }), undefined],
    ['a name of 52', anObjective({ name: 'x'.repeat(52) }), undefined],
    ['a wagon by name', plain({ wagonName: 'lxc-core' }), undefined],
  ])('accept %s', (_what, now, before) => {
    expect(said(now, before)).toEqual([]);
  });

  it.each<[string, JsonObject, JsonObject | undefined, string[]]>([
    [
      'coming back from an abort',
      plain(),
      plain({ desiredState: 'Aborted' }),
      ['spec: Invalid value: "object": an aborted Objective stays aborted: make a new one'],
    ],
    ['a retry that shrinks', plain({ retry: 1 }), plain({ retry: 2 }), [RETRY]],
    ['a retry once aborted', plain({ retry: 1, desiredState: 'Aborted' }), plain({ desiredState: 'Aborted' }), [RETRY]],
    ['a limit that shrinks', plain({ budget: { maxTokens: 4 } }), plain({ budget: { maxTokens: 5 } }), [BUDGET]],
    [
      'a cost that shrinks as a number though it grows as text',
      plain({ budget: { maxCostUSD: '9.99' } }),
      plain({ budget: { maxCostUSD: '10.00' } }),
      [BUDGET],
    ],
    ['a limit set later', plain({ budget: { maxDurationSeconds: 60 } }), plain(), [BUDGET]],
    ['another directive', plain({ directive: 'Plan a coup' }), plain(), [IMMUTABLE]],
    ['another wagon', plain({ wagonName: 'lxc-core' }), plain(), [IMMUTABLE]],
    ['more tasks', plain({ execution: { maxTasks: 50 } }), plain(), [IMMUTABLE]],
    ['an extra skill', plain({ skills: ['a', 'b'] }), plain({ skills: ['a'] }), [IMMUTABLE]],
    [
      'a directive of 16,384 characters that is longer in bytes',
      plain({ directive: 'é'.repeat(16_384) }),
      undefined,
      ['spec.directive: Invalid value: "string": directive has at most 16384 bytes'],
    ],
    [
      'a name of 53',
      anObjective({ name: 'x'.repeat(53) }),
      undefined,
      ['<nil>: Invalid value: "object": metadata.name has at most 52 characters'],
    ],
    [
      'a wagon by name and by selector',
      plain({ wagonName: 'a', wagonSelector: { matchLabels: { a: 'b' } } }),
      undefined,
      ['spec: Invalid value: "object": wagonName and wagonSelector exclude each other'],
    ],
  ])('refuse %s', (_what, now, before, expected) => {
    expect(said(now, before)).toEqual(expected);
  });
});
