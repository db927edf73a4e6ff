import type {
  ConditionStatus,
  ModelProviderSpec,
  Objective,
  ObjectiveSpec,
  ObjectiveStatus,
  Plan,
  ProviderType,
  ReadDefaults,
  Turn,
} from '@dark-carnival/crds';
import type { FeedbackRecord } from '../../ports/feedback-record.ts';
import type { RoundRecord } from '../../ports/round-record.ts';
import type { JobReport } from '../../ports/wagon-client.ts';

/** A wagon of the Objective's namespace, as far as placing work needs it. */
export interface WagonFacts {
  name: string;
  role: string;
  labels: Readonly<Record<string, string>>;
  scheduling: 'Enabled' | 'Cordoned' | 'Draining';
  /** Its object says Ready, it has an address, and it was heard within its time. */
  ready: boolean;
  /** spec.maxConcurrentJobs. */
  capacity: number;
  /** Assignments of other Objectives on it, by our own books. */
  busy: number;
  /** Health of each provider that the wagon knows, as it was last told. */
  health: ReadonlyMap<string, ConditionStatus>;
  /** Why, of those that it says it does not reach, by name. */
  unwell?: ReadonlyMap<string, string>;
  /** Names of skills that go into every prompt on this wagon. */
  skills: readonly string[];
}

export interface ProviderFacts {
  name: string;
  type: ProviderType;
  endpoint?: string | undefined;
  /** Its own. */
  model?: string | undefined;
  /** As a person wrote them. */
  prices: ModelProviderSpec['prices'] | undefined;
  /** It has a daily cap, reached or not. */
  hasDailyCap?: boolean | undefined;
  /** When it may be asked again, where its daily cap is used up. */
  cappedUntil?: string | undefined;
}

/** What was found out about one assignment, by asking the wagon or by giving it. */
export type JobObservation =
  /** `seenForMs`: since this process first saw the job, without time under a hold; `doneForMs`: since it first saw it ended. */
  | { outcome: 'found'; job: JobReport; seenForMs: number; doneForMs: number }
  | { outcome: 'absent' }
  /** No usable answer, for so long without a break. */
  | { outcome: 'silent'; message: string; forMs: number }
  | { outcome: 'full'; retryAfterMs: number }
  | { outcome: 'refused'; message: string; forMs: number }
  /** A younger leader gave orders to this wagon: we should not. */
  | { outcome: 'fenced' };

export interface NamedText {
  name: string;
  text: string;
}

/** Text that lies outside status, resolved for an assignment. */
export interface Texts {
  context: readonly NamedText[];
  /** Oldest first. */
  feedback: readonly FeedbackRecord[];
  /** Finished rounds of this debate, oldest first. */
  history: readonly RoundRecord[];
  /** Turns of the open round that earlier attempts finished, by the attempt that goes on from them. */
  resume: { attempt: number; turns: readonly Turn[] } | undefined;
}

/** Text that is named but not there. */
export interface MissingTexts {
  missing: readonly string[];
}

/** The plan in its ConfigMap. Intact: its bytes hash to the expected hash, and it is a plan of this very Objective. */
export type StoredPlan =
  | { outcome: 'intact'; plan: Plan; bytes: string }
  | { outcome: 'missing' }
  | { outcome: 'tampered'; message: string };

/** An Objective that was validated: from here on spec and status have the shapes of the contract. */
export interface ValidObjective {
  namespace: string;
  name: string;
  uid: string;
  metadata: Objective['metadata'];
  spec: ObjectiveSpec;
  status: ObjectiveStatus;
}

/** Everything that one decision looks at. Made by gather, never changed afterwards. */
export interface Snapshot {
  objective: ValidObjective;
  /** Wall clock, ms since the epoch. */
  nowMs: number;
  leaderEpoch: number;
  /** Wait after a first failed attempt; it doubles with each. */
  backoffBaseMs: number;
  /** By name. */
  wagons: ReadonlyMap<string, WagonFacts>;
  /** Wagons in use by this Objective that were not heard within their time, or whose object is gone as long: their lease has lapsed. */
  lost: ReadonlySet<string>;
  providers: readonly ProviderFacts[];
  /** Chains that the namespace sets for Objectives that name none. */
  defaults: ReadDefaults;
  /** By job id: of every assignment that status names as running. */
  jobs: ReadonlyMap<string, JobObservation>;
  /** The last that was heard of a job, for attempts that are given up. */
  lastHeard: ReadonlyMap<string, JobReport>;
  /** Undefined where no decision of this pass can need it. */
  texts: Texts | MissingTexts | undefined;
  /** Undefined where no decision of this pass can need it. */
  storedPlan: StoredPlan | undefined;
}
