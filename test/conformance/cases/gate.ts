import type { Case, Json, RequestStep } from '../case.ts';
import { get, given, jsonPatch, merge, OBJECTIVE, objective, PROVIDER, post, prepare, WAGON } from './bodies.ts';

/** The gate and the other rules of our kinds: what binds an approval to its plan must hold in both engines. */
const hash = (digit: string) => `sha256:${digit.repeat(64)}`;
const REQUEST = {
  id: 'request-1',
  planHash: hash('a'),
  requestedAt: '2026-11-24T10:00:00Z',
  feedbackLeft: 5,
  forecast: { tokens: 100, costUSD: '0.10' },
};
const ANSWER = { requestID: 'request-1', planHash: hash('a'), decision: 'Approve', decidedBy: 'ada' };
const FEEDBACK = { ...ANSWER, decision: 'Feedback', feedback: 'more tide, less chart' };
const DECISION = {
  requestID: 'request-1',
  planHash: hash('a'),
  decision: 'Approve',
  decidedBy: 'bob',
  at: '2026-11-24T10:01:00Z',
  prevHash: hash('0'),
};

const decide = (value: Json): RequestStep =>
  jsonPatch(`${OBJECTIVE}/a`, [{ op: 'add', path: '/spec/intervention', value }]);
const status = (value: { [key: string]: Json }): RequestStep =>
  prepare(merge(`${OBJECTIVE}/a/status`, { status: value }));
const asked = (more: { [key: string]: Json } = {}): RequestStep[] => [
  given(OBJECTIVE, objective('a')),
  status({ phase: 'AwaitingHuman', approvalRequest: { ...REQUEST, ...more } }),
];
const closed: RequestStep = status({ phase: 'Executing', approvalRequest: null, decisions: [DECISION] });
const change = (spec: Json): RequestStep => merge(`${OBJECTIVE}/a`, { spec });
const wagon = (name: string, spec: { [key: string]: Json }) => ({
  apiVersion: 'darkcarnival.dev/v1alpha1',
  kind: 'Wagon',
  metadata: { name },
  spec: { nodeID: name.toUpperCase(), role: 'CORE', ...spec },
});
const provider = (name: string, spec: { [key: string]: Json }) => ({
  apiVersion: 'darkcarnival.dev/v1alpha1',
  kind: 'ModelProvider',
  metadata: { name },
  spec,
});

export const GATE_CASES: Case[] = [
  {
    name: 'gate: an approval of the open request is taken, and kept when the controller closes it',
    steps: [...asked(), decide(ANSWER), closed, get(`${OBJECTIVE}/a`)],
  },
  {
    name: 'gate: an approval at creation is refused',
    steps: [
      post(OBJECTIVE, objective('a', { intervention: ANSWER })),
      post(OBJECTIVE, { ...objective('a', { intervention: ANSWER }), status: { approvalRequest: REQUEST } }),
    ],
  },
  {
    name: 'gate: an approval before anything is asked is refused',
    steps: [given(OBJECTIVE, objective('a')), decide(ANSWER), status({ phase: 'Debating' }), decide(ANSWER)],
  },
  {
    name: 'gate: an approval with the wrong hash is refused',
    steps: [...asked(), decide({ ...ANSWER, planHash: hash('b') })],
  },
  { name: 'gate: an approval with a stale id is refused', steps: [...asked({ id: 'request-2' }), decide(ANSWER)] },
  {
    name: 'gate: the second of two people is told who was first',
    steps: [...asked(), closed, decide({ ...ANSWER, decidedBy: 'eve' })],
  },
  {
    name: 'gate: an approval cannot be flipped',
    steps: [
      ...asked(),
      decide(ANSWER),
      decide({ ...ANSWER, decision: 'Abort' }),
      decide({ ...ANSWER, decidedBy: 'eve' }),
    ],
  },
  {
    name: 'gate: an approval cannot be removed while its request is open',
    steps: [
      ...asked(),
      decide(ANSWER),
      jsonPatch(`${OBJECTIVE}/a`, [{ op: 'remove', path: '/spec/intervention' }]),
      merge(`${OBJECTIVE}/a`, { spec: { intervention: null } }),
      closed,
      jsonPatch(`${OBJECTIVE}/a`, [{ op: 'remove', path: '/spec/intervention' }]),
    ],
  },
  {
    name: 'gate: an approval in the wrong phase is refused',
    steps: [...asked(), closed, status({ phase: 'Completed' }), decide(ANSWER)],
  },
  {
    name: 'gate: feedback needs its words, and only feedback has them',
    steps: [
      ...asked(),
      decide({ ...ANSWER, decision: 'Feedback' }),
      decide({ ...ANSWER, feedback: 'words' }),
      decide({ ...FEEDBACK, feedback: '' }),
      decide(FEEDBACK),
    ],
  },
  {
    name: 'gate: a sixth feedback is refused, approve and abort are not',
    steps: [...asked({ feedbackLeft: 0 }), decide(FEEDBACK), decide({ ...ANSWER, decision: 'Abort' })],
  },
  {
    name: 'gate: an answer to the next request replaces the last one',
    steps: [
      ...asked(),
      decide(FEEDBACK),
      closed,
      status({
        phase: 'AwaitingHuman',
        approvalRequest: { ...REQUEST, id: 'request-2', planHash: hash('b'), feedbackLeft: 4 },
      }),
      decide(ANSWER),
      decide({ ...ANSWER, requestID: 'request-2', planHash: hash('b') }),
    ],
  },
  {
    name: 'gate: an answer lacking a part, or with an unknown one, is refused',
    steps: [
      ...asked(),
      decide({ requestID: 'request-1' }),
      decide({ ...ANSWER, decision: 'Maybe' }),
      decide({ ...ANSWER, planHash: 'sha256:short' }),
      decide({ ...ANSWER, decidedBy: '' }),
      {
        ...jsonPatch(`${OBJECTIVE}/a?fieldValidation=Strict`, [
          { op: 'add', path: '/spec/intervention', value: { ...ANSWER, extra: 1 } },
        ]),
      },
    ],
  },
  {
    name: 'gate: a merge patch by the controller cannot touch spec through status',
    steps: [
      ...asked(),
      merge(`${OBJECTIVE}/a/status`, { spec: { intervention: ANSWER }, status: { phase: 'Executing' } }),
    ],
  },
  {
    name: 'objective: defaults are filled in, a second apply changes nothing',
    steps: [post(OBJECTIVE, objective('a')), merge(`${OBJECTIVE}/a`, { spec: { directive: 'Plan a tide chart' } })],
  },
  {
    name: 'objective: directives empty, too long, and too long in bytes are refused',
    steps: [
      post(OBJECTIVE, objective('a', { directive: '' })),
      post(OBJECTIVE, objective('a', { directive: 'x'.repeat(16_385) })),
      post(OBJECTIVE, objective('a', { directive: 'é'.repeat(16_384) })),
      post(OBJECTIVE, { apiVersion: 'darkcarnival.dev/v1alpha1', kind: 'Objective', metadata: { name: 'a' } }),
      post(OBJECTIVE, {
        apiVersion: 'darkcarnival.dev/v1alpha1',
        kind: 'Objective',
        metadata: { name: 'a' },
        spec: {},
      }),
    ],
  },
  {
    name: 'objective: a name of more than 52 characters is refused',
    steps: [post(OBJECTIVE, objective('a'.repeat(53))), post(OBJECTIVE, objective('a'.repeat(52)))],
  },
  {
    name: 'objective: the spec is immutable but for what people steer',
    steps: [
      given(OBJECTIVE, objective('a', { skills: ['one'] })),
      change({ directive: 'Plan a coup' }),
      change({ wagonName: 'lxc-core' }),
      change({ debate: { rounds: 2 } }),
      change({ skills: ['one', 'two'] }),
      change({ skills: null }),
      change({ execution: { maxTasks: 5 } }),
      change({ ttlSecondsAfterFinished: 60 }),
      change({ desiredState: 'Paused' }),
      change({ desiredState: 'Running' }),
    ],
  },
  {
    name: 'objective: an abort is a latch',
    steps: [
      given(OBJECTIVE, objective('a')),
      change({ desiredState: 'Aborted' }),
      change({ desiredState: 'Running' }),
      change({ desiredState: null }),
      change({ retry: 1 }),
    ],
  },
  {
    name: 'objective: retry only grows, within its bounds',
    steps: [
      given(OBJECTIVE, objective('a')),
      change({ retry: 2 }),
      change({ retry: 1 }),
      change({ retry: 6 }),
      change({ retry: null }),
      change({ retry: 5 }),
    ],
  },
  {
    name: 'objective: a budget may grow or go, not shrink or come',
    steps: [
      given(OBJECTIVE, objective('a', { budget: { maxTokens: 100, maxCostUSD: '9.99' } })),
      change({ budget: { maxTokens: 99 } }),
      change({ budget: { maxCostUSD: '10.00' } }),
      change({ budget: { maxCostUSD: '9.999999' } }),
      change({ budget: { maxDurationSeconds: 60 } }),
      change({ budget: { maxTokens: 101 } }),
      change({ budget: { maxCostUSD: null } }),
      change({ budget: { maxCostUSD: '99' } }),
      change({ budget: null }),
      change({ budget: { maxTokens: 1000 } }),
    ],
  },
  {
    name: 'objective: wagonName and wagonSelector exclude each other',
    steps: [post(OBJECTIVE, objective('a', { wagonName: 'lxc-core', wagonSelector: { matchLabels: { a: 'b' } } }))],
  },
  {
    name: 'objective: unknown enums, seats and fields are refused',
    steps: [
      post(OBJECTIVE, objective('a', { debate: { mode: 'Brawl' } })),
      post(OBJECTIVE, objective('a', { debate: { rounds: 6 } })),
      post(`${OBJECTIVE}?fieldValidation=Strict`, objective('a', { debate: { seats: { jester: {} } } })),
      post(OBJECTIVE, objective('a', { improve: 'Sometimes' })),
    ],
  },
  {
    name: 'wagon: each runtime type has its own member',
    steps: [
      post(WAGON, wagon('a', { runtime: { type: 'Process' } })),
      post(WAGON, wagon('a', { runtime: { type: 'External', process: { port: 8080 } } })),
      post(WAGON, wagon('a', { runtime: { type: 'ProxmoxLXC' } })),
      post(WAGON, wagon('all', { runtime: { type: 'Process', process: { port: 8080 } } })),
      post(WAGON, wagon('b'.repeat(53), { runtime: { type: 'Process', process: { port: 8080 } } })),
      post(WAGON, wagon('a', { runtime: { type: 'Process', process: { port: 8080 } } })),
    ],
  },
  {
    name: 'model provider: model and endpoint are required where the type needs them',
    steps: [
      post(PROVIDER, provider('a', { type: 'OpenAI' })),
      post(PROVIDER, provider('a', { type: 'OpenAICompatible', model: 'm' })),
      post(PROVIDER, provider('a', { type: 'Unknown', model: 'm' })),
      post(PROVIDER, provider('a', { type: 'Rehearsal' })),
      post(PROVIDER, provider('b', { type: 'Kimi', model: 'm' })),
    ],
  },
];
