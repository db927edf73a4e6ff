/** Attempts at one round of a debate before the Objective fails. Each may cost calls, so it is a small number. */
export const MAX_ROUND_ATTEMPTS = 5;

/** Attempts of a task that may be lost to wagons (gone, silent, refusing) besides its own retries. */
export const LOST_ATTEMPTS = 3;

/** A wagon that answers nothing usable about a job for so long is given up, even if it sends heartbeats. */
export const SILENCE_LIMIT_MS = 60_000;

/** Longest that ending an Objective waits for wagons to confirm that they stopped. Their lease lapses after 25 s in any case. */
export const CANCEL_LIMIT_MS = 60_000;

/** Room beyond the timeouts that the wagon itself keeps. */
const DEADLINE_SLACK_MS = 60_000;

const BACKOFF_MAX_MS = 30_000;

/** How long after a failed attempt the next one begins: 1 s, 2 s, 4 s … 30 s. */
export const backoffMs = (attempt: number, baseMs: number): number =>
  Math.min(BACKOFF_MAX_MS, baseMs * 2 ** Math.min(attempt - 1, 10));

/** A wagon that still says Running after this long hangs. A turn may be asked again twice, so three timeouts per seat. */
export const roundDeadlineMs = (seats: number, turnTimeoutSeconds: number): number =>
  seats * 3 * turnTimeoutSeconds * 1000 + DEADLINE_SLACK_MS;

export const taskDeadlineMs = (timeoutSeconds: number): number => timeoutSeconds * 1000 + DEADLINE_SLACK_MS;

interface TaskTries {
  /** The attempt that ended. */
  attempt: number;
  /** execution.retries. */
  retries: number;
  /** spec.retry that was acted on. */
  retriesTaken: number;
}

/** Attempts are numbered through; each retry that a person asks for opens a new span of numbers, so none is ever used twice. */
const span = (retries: number) => retries + 1 + LOST_ATTEMPTS;

/** Whether a task whose work failed is tried again. */
export const mayRetryFailed = ({ attempt, retries, retriesTaken }: TaskTries): boolean =>
  attempt - retriesTaken * span(retries) <= retries;

/** Whether a task whose wagon was lost is tried again. */
export const mayRetryLost = ({ attempt, retries, retriesTaken }: TaskTries): boolean =>
  attempt - retriesTaken * span(retries) < span(retries);

/** The attempt that counts as the last before a person's retry: the next one is the first of its span. */
export const attemptBeforeRetry = (retries: number, retriesTaken: number): number => retriesTaken * span(retries);
