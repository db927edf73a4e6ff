import type {
  DebateAssignment,
  Dissent,
  JobFailureReason,
  PassedOver,
  PlanProposal,
  ProviderChain,
  Seat,
  Turn,
  Verdict,
} from '@dark-carnival/crds';
import type { Attempt, Completion, CompletionRequest } from '../providers/provider.ts';

/** One call to a model, as the table asks for it. */
export interface AskStep {
  /** Names the call for the journal: the same over restarts of the same round (`r1.visionary`, `r1.tactician.2`). */
  key: string;
  chain: ProviderChain;
  request: CompletionRequest;
  /** Milliseconds that the answer may take, with every retry and fallback. */
  deadlineMs: number;
  onDelta: (text: string) => void;
  onStart: (attempt: Attempt) => void;
}

/**
 * How the table asks: journaled, granted and leased by whoever runs the job. An answer in the journal comes back without `onStart` and
 * `onDelta`. A rejection with a ProviderError fails the turn; a `RoundStopped` ends the round with its reason; anything else is passed on.
 */
export type Ask = (step: AskStep) => Promise<Completion>;

/** Thrown by `Ask` when the round must end and not only this turn: the grant is used up, the lease lapsed for good, the wagon drains. */
export class RoundStopped extends Error {
  readonly reason: JobFailureReason;

  constructor(reason: JobFailureReason, message: string) {
    super(message);
    this.name = 'RoundStopped';
    this.reason = reason;
  }
}

/** What the table shows while it works: the wagon's events without the objective and job they belong to. */
export type DebateEvent =
  | { type: 'turn-start'; round: number; seat: Seat; provider: string; model: string }
  | { type: 'turn-delta'; round: number; seat: Seat; text: string }
  | {
      type: 'turn-end';
      round: number;
      seat: Seat;
      outcome: Turn['outcome'];
      provider?: string;
      passedOver?: PassedOver;
      tokens: number;
      text: string;
    };

export interface RoundDeps {
  ask: Ask;
  emit: (event: DebateEvent) => void;
  /** Told after each turn, so that it is durable before the next one is asked for. */
  onTurn?: (turn: Turn) => void | Promise<void>;
  /** Ends the round at once. */
  signal: AbortSignal;
}

export interface RoundFailure {
  reason: JobFailureReason;
  /** For people, at most 1,024 code points. */
  message: string;
}

/** What a round came to. Without `failure` there is a valid plan. */
export interface RoundResult {
  /** Turns of this round in order, resumed ones included; at most 3. */
  turns: Turn[];
  plan?: PlanProposal;
  /** The critic's objections with the tactician's answers, or that there was no critic to hear; at most 8. */
  dissent: Dissent[];
  /** Of the critic; a failed one is a Reject. Absent where none was to speak. */
  verdict?: Verdict;
  /** What was mended in the plan without asking again; at most 16 of 256 code points. */
  repairs: string[];
  failure?: RoundFailure;
}

/** Holds one round: visionary, critic, tactician, or the tactician alone. */
export type HoldRound = (assignment: DebateAssignment, deps: RoundDeps) => Promise<RoundResult>;
