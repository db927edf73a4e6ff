import type { Assignment, JobStatus, ProviderGrants, WagonEvent } from '@dark-carnival/crds';

/** Where a wagon answers, and how it is known there. */
export interface WagonAddress {
  /** Base URL, as in status.address. */
  address: string;
  /** Of its certificate, as in status.tlsFingerprint: whoever shows another is told nothing. Absent: plain http, or a certificate of a public authority. */
  tlsFingerprint?: string | undefined;
}

/** A wagon as it is called: where it answers, and the token that both sides know (api.md, "Tokens"). */
export interface WagonTarget extends WagonAddress {
  namespace: string;
  /** metadata.name of the Wagon. */
  name: string;
  token: string;
}

/**
 * What a wagon says about a job. Everything in it has the shape of the contract but the plan, which is judged by `checkPlan` with the rest of the claim: a bad plan
 * is a wagon's mistake, not an answer that cannot be read.
 */
export type JobReport = Omit<JobStatus, 'debate'> & {
  debate?: (Omit<NonNullable<JobStatus['debate']>, 'plan'> & { plan?: unknown }) | undefined;
};

/** No usable answer: the connection failed, the deadline passed, or what came was no answer of a wagon (HTML, 500, truncated JSON). */
export interface Unreachable {
  outcome: 'unreachable';
  /** For people: bounded, without token or address credentials. */
  message: string;
}

/** The wagon answered, but not with what the contract says: wrong shape, another job's status. It is not believed. */
export interface Garbage {
  outcome: 'garbage';
  message: string;
}

export type PutJobOutcome =
  /** 201: new, and durable on the wagon before it said so. */
  | { outcome: 'accepted'; job: JobReport }
  /** 200: the wagon held this job with the same body already. */
  | { outcome: 'same'; job: JobReport }
  /** 409 InputsDiffer: the wagon holds this id with another body. */
  | { outcome: 'conflict'; inputsDigest: string | undefined; message: string }
  /** 429: no slot is free. */
  | { outcome: 'full'; retryAfterMs: number }
  /** 409 StaleEpoch: the wagon has obeyed a younger leader. */
  | { outcome: 'staleEpoch'; message: string }
  /** Any other refusal in a wagon's own words, such as 401 or 422: sending the same again is refused again. */
  | { outcome: 'refused'; message: string }
  | Unreachable
  | Garbage;

export type GetJobOutcome =
  | { outcome: 'found'; job: JobReport }
  /** 404 as a wagon says it: the wagon answers, and has no such job. */
  | { outcome: 'absent' }
  | Unreachable
  | Garbage;

export type CancelJobOutcome =
  /** The wagon will not spend on this job any more, or never had it. */
  { outcome: 'cancelled' } | { outcome: 'absent' } | { outcome: 'staleEpoch'; message: string } | Unreachable;

export type HoldJobOutcome =
  /** The wagon has it as ordered, over restarts too: `job.held`. */
  | { outcome: 'ordered'; job: JobReport }
  /** The wagon has no such job, and will remember the order should it come. */
  | { outcome: 'absent' }
  | { outcome: 'staleEpoch'; message: string }
  | Unreachable
  | Garbage;

/** Whether a job is held, by whose order. */
export interface HoldOrder {
  held: boolean;
  leaderEpoch: number;
}

export type ProbeOutcome =
  /** `instanceID`: of the start of whoever answers there; undefined where it does not say. */
  { outcome: 'alive'; instanceID: string | undefined } | Unreachable;

export type PutProvidersOutcome = { outcome: 'stored' } | { outcome: 'refused'; message: string } | Unreachable;

/** A subscription to a wagon's events. */
export interface EventSubscription {
  /** Ends the subscription and its connection; no callback runs afterwards. */
  close(): void;
}

export interface EventListener {
  /** The stream was opened or opened anew, or events were lost: anything may have changed. */
  onWake(): void;
  /** One event, parsed. What does not parse is skipped. */
  onEvent(event: WagonEvent): void;
}

/**
 * The controller's way to wagons. A wagon's words are untrusted: everything is bounded in size and time, parsed with the wire schemas, and comes
 * back as a typed outcome. No method rejects for what a wagon or the network does.
 */
export interface WagonClient {
  /** Gives an assignment. Safe to repeat: same id and body is one job. */
  putJob(target: WagonTarget, assignment: Assignment): Promise<PutJobOutcome>;
  /** Asks for the truth about a job. `found` only when the answer is about this very id. */
  getJob(target: WagonTarget, id: string): Promise<GetJobOutcome>;
  /** Cancels a job. Safe to repeat. `leaderEpoch` fences a leader that was replaced. */
  cancelJob(target: WagonTarget, id: string, leaderEpoch: number): Promise<CancelJobOutcome>;
  /** Says that no further call of a job may begin, or that it may go on. Safe to repeat. */
  holdJob(target: WagonTarget, id: string, order: HoldOrder): Promise<HoldJobOutcome>;
  /** Asks `/healthz`, without the token. */
  probe(where: WagonAddress): Promise<ProbeOutcome>;
  /** Hands over provider keys; the wagon keeps them in memory. */
  putProviders(target: WagonTarget, grants: ProviderGrants): Promise<PutProvidersOutcome>;
  /**
   * Listens to all events of a wagon. Reconnects for itself with back-off and resumes after the last event seen; a dead stream is noticed by
   * silence. Nothing in the stream is the truth: it only wakes.
   */
  watchEvents(target: WagonTarget, listener: EventListener): EventSubscription;
}
