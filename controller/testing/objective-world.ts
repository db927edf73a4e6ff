import {
  type Intervention,
  type JobStatus,
  OBJECTIVE_FINALIZER,
  type ObjectiveSpec,
  type ObjectiveStatus,
  type PlanProposal,
} from '@dark-carnival/crds';
import type { Decision, Effect, Preparation } from '../src/kinds/objective/decision.ts';
import { decide } from '../src/kinds/objective/plan.ts';
import { activeJobs } from '../src/kinds/objective/policies/active-jobs.ts';
import { requestNumber } from '../src/kinds/objective/policies/gate.ts';
import { verifyPlan } from '../src/kinds/objective/policies/plan-document.ts';
import { finishedRounds } from '../src/kinds/objective/policies/turns.ts';
import { contentOf } from '../src/kinds/objective/records.ts';
import type {
  JobObservation,
  Snapshot,
  StoredPlan,
  Texts,
  ValidObjective,
  WagonFacts,
} from '../src/kinds/objective/snapshot.ts';
import { decodeFeedback, feedbackConfigMapName } from '../src/ports/feedback-record.ts';
import { decodeRound, resumeConfigMapName } from '../src/ports/round-record.ts';
import { aValidObjective, aWagonFacts, NOW_MS } from './a-snapshot.ts';
import { honestResult, NO_USAGE, TWO_TASKS } from './scripted-answers.ts';

/** Where a pass is cut off, as by a crash. */
export type Crash = 'before status' | 'after status';

const validated = new WeakMap<object, ValidObjective>();

interface HeldJob {
  wagonName: string;
  assignment: Extract<Effect, { type: 'putJob' }>['assignment'];
  status: JobStatus;
}

interface State {
  spec: Partial<ObjectiveSpec>;
  status: ObjectiveStatus;
  metadata: { finalizers?: string[]; deletionTimestamp?: string };
  configMaps: Record<string, string>;
  jobs: Record<string, HeldJob>;
  lost: string[];
  nowMs: number;
  gone: boolean;
}

/**
 * One Objective, its wagons and its ConfigMaps as plain data, driven by the real decisions: for stories, and for walking through every order in which things can
 * happen. What is around the decisions (API server, network) is not here; test/e2e has it.
 */
export class ObjectiveWorld {
  state: State;
  readonly #wagons: readonly WagonFacts[];
  readonly #proposal: PlanProposal;

  constructor(
    spec: Partial<ObjectiveSpec> = {},
    { wagons = ['lxc-core'], proposal = TWO_TASKS }: { wagons?: string[]; proposal?: PlanProposal } = {},
  ) {
    this.#wagons = wagons.map((name) => aWagonFacts({ name }));
    this.#proposal = proposal;
    this.state = { spec, status: {}, metadata: {}, configMaps: {}, jobs: {}, lost: [], nowMs: NOW_MS, gone: false };
  }

  get status(): ObjectiveStatus {
    return this.state.status;
  }

  get uid(): string {
    return this.#valid(this.state.spec).uid;
  }

  /** The world as it is, to come back to. */
  fork(): ObjectiveWorld {
    const copy = new ObjectiveWorld({}, { wagons: this.#wagons.map(({ name }) => name), proposal: this.#proposal });
    // The spec is replaced as a whole and never changed in place.
    copy.state = { ...structuredClone({ ...this.state, spec: {} }), spec: this.state.spec };
    return copy;
  }

  snapshot(): Snapshot {
    const { spec, status, lost, nowMs, metadata } = this.state;
    const objective = { ...this.#valid(spec), metadata: { ...this.#valid(spec).metadata, ...metadata }, status };
    return {
      objective,
      nowMs,
      leaderEpoch: 1,
      backoffBaseMs: 1,
      wagons: new Map(this.#wagons.map((wagon) => [wagon.name, { ...wagon, ready: !lost.includes(wagon.name) }])),
      lost: new Set(lost),
      providers: [],
      defaults: { outcome: 'read', chains: {} },
      jobs: new Map(activeJobs(objective.uid, status).map(({ id, wagonName }) => [id, this.#observe(id, wagonName)])),
      lastHeard: new Map(),
      texts: this.#texts(objective.name, objective.uid),
      storedPlan: this.#plan(objective.uid),
    };
  }

  /** One decision, carried out as far as the crash lets it. */
  pass(crash?: Crash): Decision {
    const snapshot = this.snapshot();
    const { name } = snapshot.objective;
    const decision = decide(snapshot);
    for (const step of decision.prepare) this.#prepare(name, step);
    if (crash === 'before status') return decision;
    this.state.status = structuredClone(decision.status);
    if (crash === 'after status') return decision;
    for (const effect of decision.effects) this.#carryOut(effect);
    return decision;
  }

  /** Passes until nothing changes any more. @returns what was decided, in words. */
  settle(): string[] {
    const notes: string[] = [];
    for (let pass = 0; pass < 40; pass += 1) {
      const before = JSON.stringify([this.state.status, this.state.jobs, this.state.gone]);
      notes.push(...this.pass().notes);
      if (this.state.gone || JSON.stringify([this.state.status, this.state.jobs, this.state.gone]) === before)
        return notes;
    }
    throw new Error(`does not settle: ${notes.slice(-6).join(' | ')}`);
  }

  /** Ids of jobs that wagons work on. */
  running(): string[] {
    return Object.entries(this.state.jobs).flatMap(([id, { status }]) => (status.state === 'Running' ? [id] : []));
  }

  /** Lets a wagon end a job, honestly where nothing else is said. */
  finish(id: string, result?: Partial<JobStatus>): void {
    const held = this.state.jobs[id];
    if (!held) throw new Error(`no job ${id}`);
    held.status = { ...held.status, ...(result ?? honestResult(held.assignment, this.#proposal)) };
  }

  /** Answers the open question. */
  answer(decision: Intervention['decision'], decidedBy = 'alice'): void {
    const request = this.state.status.approvalRequest;
    if (!request) throw new Error('nothing is asked');
    const { id: requestID, planHash } = request;
    const feedback = decision === 'Feedback' ? { feedback: `words about ${requestID}` } : {};
    this.state.spec = { ...this.state.spec, intervention: { requestID, planHash, decision, decidedBy, ...feedback } };
  }

  /** Settles, letting every job end honestly and approving what is asked, until the Objective has ended. */
  runToEnd(): string[] {
    const notes = this.settle();
    for (let step = 0; step < 60; step += 1) {
      const { phase, approvalRequest } = this.state.status;
      if (this.state.gone || ['Completed', 'Failed', 'Aborted', 'Expired'].includes(phase ?? '')) return notes;
      const [id] = this.running();
      if (id !== undefined) this.finish(id);
      else if (approvalRequest && this.state.spec.intervention?.requestID !== approvalRequest.id)
        this.answer('Approve');
      notes.push(...this.settle());
    }
    throw new Error(`does not end: ${this.state.status.phase}`);
  }

  /** Validating a spec costs more than deciding about it, and it rarely changes. */
  #valid(spec: Partial<ObjectiveSpec>): ValidObjective {
    const known = validated.get(spec);
    if (known) return known;
    const objective = aValidObjective({ spec });
    validated.set(spec, objective);
    return objective;
  }

  #observe(id: string, wagonName: string): JobObservation {
    if (this.state.lost.includes(wagonName)) return { outcome: 'silent', message: 'gone', forMs: 0 };
    const held = this.state.jobs[`${id}`];
    if (!held || held.wagonName !== wagonName) return { outcome: 'absent' };
    return { outcome: 'found', job: held.status, seenForMs: 0, doneForMs: 60_000 };
  }

  #texts(name: string, uid: string): Texts {
    const { configMaps, status } = this.state;
    const { debate, decisions, phase } = status;
    const open = (debate?.round ?? 0) + (phase === 'AwaitingHuman' || phase === 'Expired' ? 1 : 0);
    const attempt = (debate?.attempt ?? 0) + (phase === 'Pending' ? 1 : 0);
    const resume = decodeRound(configMaps[resumeConfigMapName(name, debate?.round ?? 0, attempt)]);
    return {
      context: [],
      feedback: (decisions ?? [])
        .filter(({ decision }) => decision === 'Feedback')
        .flatMap(
          ({ requestID }) =>
            decodeFeedback(configMaps[feedbackConfigMapName(name, requestNumber(uid, requestID))]) ?? [],
        ),
      history:
        phase === 'Failed'
          ? []
          : finishedRounds(debate?.turns, open).flatMap(
              (round) => decodeRound(configMaps[`${name}-round-${round}`]) ?? [],
            ),
      resume: resume && attempt > 1 ? { attempt, turns: resume.turns } : undefined,
    };
  }

  #plan(uid: string): StoredPlan | undefined {
    const { plan } = this.state.status;
    return plan && verifyPlan(this.state.configMaps[plan.configMapName], { hash: plan.hash, uid });
  }

  #prepare(objectiveName: string, step: Preparation): void {
    if (step.type === 'addFinalizer') {
      this.state.metadata.finalizers = [OBJECTIVE_FINALIZER];
      return;
    }
    if (step.type === 'deleteConfigMaps') {
      for (const name of step.names) delete this.state.configMaps[name];
      return;
    }
    if (step.type === 'carrySpending') return;
    const { name, value } = contentOf(objectiveName, step);
    this.state.configMaps[name] = value;
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'putJob':
        this.#give(effect);
        return;
      case 'cancelJob': {
        const held = this.state.jobs[effect.id];
        if (held?.status.state === 'Running' && !this.state.lost.includes(effect.wagonName))
          held.status = { ...held.status, state: 'Cancelled' };
        return;
      }
      case 'holdJob': {
        const held = this.state.jobs[effect.id];
        if (held?.status.state === 'Running' && !this.state.lost.includes(effect.wagonName))
          held.status = { ...held.status, held: effect.held };
        return;
      }
      default:
        this.state.gone = true;
    }
  }

  #give({ wagonName, assignment }: Extract<Effect, { type: 'putJob' }>): void {
    const { id, inputsDigest } = assignment;
    if (this.state.lost.includes(wagonName) || this.state.jobs[id]) return;
    this.state.jobs[id] = { wagonName, assignment, status: { id, inputsDigest, state: 'Running', usage: NO_USAGE } };
  }
}

/** What the plan's ConfigMap holds. */
export const planBytes = (world: ObjectiveWorld): string | undefined => {
  const name = world.status.plan?.configMapName;
  return name === undefined ? undefined : world.state.configMaps[name];
};
