import { type ObjectiveStatus, objectiveStatusSchema } from '@dark-carnival/crds';
import { aPlan } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { ObjectiveWorld, planBytes } from '../../../testing/objective-world.ts';
import { NO_USAGE, SOME_USAGE } from '../../../testing/scripted-answers.ts';
import { digestOf, sha256 } from '../../runtime/digests.ts';
import type { Decision } from './decision.ts';
import { activeJobs } from './policies/active-jobs.ts';
import { approvedHash, GENESIS_HASH } from './policies/gate.ts';

/**
 * Walks through every order in which a controller's passes, its crashes, wagons and people can act on one Objective, as far as each acts a bounded number of times, and
 * checks the real decisions at each step.
 */

/** How often each thing may happen on one path. */
const LIMITS = {
  crash: 1,
  fail: 1,
  lie: 1,
  lose: 1,
  answer: 3,
  feedback: 1,
  abort: 1,
  pause: 1,
  retry: 1,
  expire: 1,
  tamper: 1,
};
type Kind = keyof typeof LIMITS;
/** More states than any scenario has: reached, the walk would not be complete. */
const MAX_STATES = 5_000;

type Used = Partial<Record<Kind, number>>;

interface Node {
  world: ObjectiveWorld;
  used: Used;
  path: string[];
}

type Move = { name: string; kind?: Kind; act: (world: ObjectiveWorld) => Decision | undefined };

const ENDED = ['Completed', 'Failed', 'Aborted', 'Expired'];

function moves(world: ObjectiveWorld): Move[] {
  const { status, spec } = world.state;
  const open = status.approvalRequest && spec.intervention?.requestID !== status.approvalRequest.id;
  const list: Move[] = [
    { name: 'pass', act: (it) => it.pass() },
    { name: 'crash before status', kind: 'crash', act: (it) => it.pass('before status') },
    { name: 'crash after status', kind: 'crash', act: (it) => it.pass('after status') },
  ];
  const [running] = world.running();
  if (running !== undefined) list.push(...jobMoves(running));
  if (open) list.push(...answers());
  if (spec.desiredState !== 'Aborted') {
    list.push({ name: 'abort', kind: 'abort', act: set({ desiredState: 'Aborted' }) });
    const paused = spec.desiredState === 'Paused';
    list.push({
      name: paused ? 'resume' : 'pause',
      ...(paused ? {} : { kind: 'pause' as const }),
      act: set({ desiredState: paused ? 'Running' : 'Paused' }),
    });
    list.push({ name: 'retry', kind: 'retry', act: set({ retry: 1 }) });
  }
  list.push({ name: 'an hour passes', kind: 'expire', act: later });
  list.push({
    name: 'wagon goes silent',
    kind: 'lose',
    act: loseHost,
  });
  if (status.plan) list.push({ name: 'plan is tampered with', kind: 'tamper', act: tamper });
  return list;
}

const jobMoves = (id: string): Move[] => [
  { name: `${id} ends well`, act: (it) => void it.finish(id) },
  {
    name: `${id} fails`,
    kind: 'fail',
    act: (it) => void it.finish(id, { state: 'Failed', reason: 'NotAccepted', usage: SOME_USAGE }),
  },
  { name: `${id} lies`, kind: 'lie', act: (it) => void it.finish(id, { state: 'Succeeded', usage: SOME_USAGE }) },
];

const answers = (): Move[] => [
  { name: 'approve', kind: 'answer', act: (it) => void it.answer('Approve') },
  { name: 'feedback', kind: 'feedback', act: (it) => void it.answer('Feedback') },
  { name: 'abort at the gate', kind: 'answer', act: (it) => void it.answer('Abort') },
];

const set = (spec: object) => (it: ObjectiveWorld) => {
  it.state.spec = { ...it.state.spec, ...spec };
  return undefined;
};

function later(world: ObjectiveWorld): undefined {
  world.state.nowMs += 3_600_000;
}

function loseHost(world: ObjectiveWorld): undefined {
  world.state.lost = [world.status.wagonName ?? 'a'];
}

function tamper(world: ObjectiveWorld): undefined {
  const name = world.status.plan?.configMapName ?? '';
  world.state.configMaps[name] = `${world.state.configMaps[name]} `;
}

/** What two worlds have to share to be the same. Messages and times follow from it. */
function signature(world: ObjectiveWorld): string {
  const { conditions: _, startTime: __, completionTime: ___, observedGeneration: ____, ...status } = world.state.status;
  const jobs = Object.values(world.state.jobs).map(({ status: { id, state, held }, wagonName }) => [
    id,
    state,
    wagonName,
    held,
  ]);
  const { spec, lost, configMaps, nowMs } = world.state;
  const lengths = Object.entries(configMaps).map(([name, value]) => [name, value.length]);
  return sha256(JSON.stringify([status, jobs, spec, lost, lengths, nowMs]));
}

const keyOf = ({ world, used }: Node) => `${signature(world)} ${JSON.stringify(used)}`;

/** What must hold after every pass, whatever came before. */
function check(before: ObjectiveStatus, world: ObjectiveWorld, { effects, status }: Decision): void {
  expect(objectiveStatusSchema.safeParse(status).error?.issues ?? []).toEqual([]);
  const recorded = new Map(activeJobs(world.uid, status).map(({ id, inputsDigest }) => [id, inputsDigest]));
  for (const effect of effects) {
    if (effect.type !== 'putJob') continue;
    // Nothing goes out that status does not name, and no task but of the approved bytes.
    expect(recorded.get(effect.assignment.id)).toBe(effect.assignment.inputsDigest);
    if (!effect.assignment.task) continue;
    expect(effect.assignment.task.planHash).toBe(approvedHash(status));
    expect(sha256(planBytes(world) ?? '')).toBe(approvedHash(status));
  }
  if (world.state.spec.desiredState === 'Paused') expect(effects.filter(({ type }) => type === 'putJob')).toEqual([]);
  checkDecisions(before, status);
  if (status.phase === 'Completed')
    expect(status.tasks?.every(({ state, artifact }) => state === 'Succeeded' && artifact)).toBe(true);
  if (status.approvalRequest) expect(status.phase).toBe('AwaitingHuman');
  if (status.phase === 'Executing') expect(approvedHash(status)).toBe(status.plan?.hash);
  checkUsage(before, world, status);
}

/** Decisions are only ever added, one per question, each with the hash of the one before. */
function checkDecisions(before: ObjectiveStatus, { decisions = [] }: ObjectiveStatus): void {
  const known = before.decisions ?? [];
  expect(decisions.slice(0, known.length)).toEqual(known);
  expect(decisions.length - known.length).toBeLessThanOrEqual(1);
  expect(new Set(decisions.map(({ requestID }) => requestID)).size).toBe(decisions.length);
  decisions.forEach(({ prevHash }, index) => {
    expect(prevHash).toBe(index === 0 ? GENESIS_HASH : digestOf(decisions[index - 1]));
  });
}

/** Usage never shrinks, and no job is counted twice: each that ended has used 100 tokens. */
function checkUsage(before: ObjectiveStatus, world: ObjectiveWorld, { usage }: ObjectiveStatus): void {
  const used = usage?.totalTokens ?? 0;
  const jobs = Object.values(world.state.jobs).filter(({ status }) => status.usage.totalTokens > 0).length;
  expect(used).toBeGreaterThanOrEqual(before.usage?.totalTokens ?? 0);
  expect(used).toBeLessThanOrEqual(jobs * SOME_USAGE.totalTokens);
}

/** From here, with wagons that work and a person who approves, it ends, and then rests. */
function checkEnd(node: Node): void {
  const world = node.world.fork();
  world.state.lost = [];
  if (world.state.spec.desiredState === 'Paused') world.state.spec = { ...world.state.spec, desiredState: 'Running' };
  world.runToEnd();
  expect(ENDED).toContain(world.status.phase);
  const settled = JSON.stringify(world.state.status);
  const { effects } = world.pass();
  expect(JSON.stringify(world.state.status)).toBe(settled);
  expect(effects).toEqual([]);
  expect(
    world.running().filter((id) => activeJobs(world.uid, world.status).some((active) => active.id === id)),
  ).toEqual([]);
}

/** A pause stops spending: once everybody was told, no wagon that can be told begins anything. */
function checkPause({ world: paused }: Node): void {
  if (paused.state.spec.desiredState !== 'Paused') return;
  const world = paused.fork();
  world.settle();
  const named = new Set(activeJobs(world.uid, world.status).map(({ id }) => id));
  const unheld = world.running().filter((id) => {
    const job = world.state.jobs[id];
    return named.has(id) && !job?.status.held && !world.state.lost.includes(job?.wagonName ?? '');
  });
  expect(unheld).toEqual([]);
  expect(world.status.conditions?.map(({ type }) => type)).not.toContain('Reconciling');
}

function explore(start: ObjectiveWorld, limits: Used): { nodes: number; phases: Set<string> } {
  const first: Node = { world: start, used: {}, path: [] };
  const seen = new Set([keyOf(first)]);
  const ends = new Set<string>();
  const queue = [first];
  const phases = new Set<string>();
  for (let index = 0; index < queue.length && index < MAX_STATES; index += 1) {
    const node = queue[index] as Node;
    phases.add(node.world.status.phase ?? '');
    for (const next of successors(node, limits)) {
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
    const state = signature(node.world);
    if (!ends.has(state)) {
      withPath(node, () => checkPause(node));
      withPath(node, () => checkEnd(node));
    }
    ends.add(state);
    // The worlds behind us are not needed any more; their paths are.
    node.world = start;
  }
  return { nodes: seen.size, phases };
}

function successors(node: Node, limits: Used): Node[] {
  return moves(node.world).flatMap(({ name, kind, act }) => {
    const times = kind ? (node.used[kind] ?? 0) : 0;
    if (kind && times >= (limits[kind] ?? 0)) return [];
    const next: Node = {
      world: node.world.fork(),
      used: kind ? { ...node.used, [kind]: times + 1 } : node.used,
      path: [...node.path, name],
    };
    withPath(next, () => {
      const decision = act(next.world);
      if (decision) check(node.world.status, next.world, decision);
    });
    return [next];
  });
}

function withPath(node: Node, run: () => void): void {
  try {
    run();
  } catch (error) {
    throw new Error(`after: ${node.path.join(' → ')}\n${String(error)}`, { cause: error });
  }
}

const world = (spec: object = {}) =>
  new ObjectiveWorld(
    {
      approval: { mode: 'Manual', separationOfDuties: 'NotRequired', children: 'Ask', timeoutSeconds: 600 },
      execution: { maxTasks: 20, parallelism: 4, taskTimeoutSeconds: 600, retries: 0, sandbox: 'Required' },
      ...spec,
    },
    { wagons: ['a', 'b'], proposal: aPlan([{}]) },
  );

describe('every order in which things can happen', () => {
  it.each([
    { name: 'crashes and failures', limits: { crash: 2, fail: 1, answer: 1 } },
    { name: 'lies and lost wagons', limits: { lie: 1, lose: 1, answer: 1 } },
    { name: 'people who change their minds', limits: { answer: 1, feedback: 1, pause: 1, abort: 1 } },
    { name: 'questions that expire, and retries', limits: { answer: 1, expire: 1, retry: 1, fail: 1 } },
    { name: 'plans that are tampered with', limits: { answer: 1, tamper: 1, crash: 1, retry: 1 } },
  ])(
    'ends, rests, and keeps its promises: $name',
    ({ limits }) => {
      const { nodes, phases } = explore(world(), limits);
      expect(nodes).toBeGreaterThan(100);
      expect(nodes).toBeLessThan(MAX_STATES);
      expect(phases).toContain('Completed');
    },
    120_000,
  );

  it('spends nothing on a wagon that never did anything', () => {
    const idle = world();
    idle.settle();
    for (const held of Object.values(idle.state.jobs))
      held.status = { ...held.status, state: 'Cancelled', usage: NO_USAGE };
    idle.settle();
    expect(idle.status.usage?.totalTokens ?? 0).toBe(0);
  });
});
