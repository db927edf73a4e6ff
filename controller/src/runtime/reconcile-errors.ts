interface ReconcileErrorOptions {
  cause?: unknown;
}

/** Why a reconcile did not get through, with its handling attached. `reason` is a condition reason: one CamelCase word. */
abstract class ReconcileError extends Error {
  readonly reason: string;

  constructor(reason: string, message: string, options: ReconcileErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
  }
}

/** Trying again is of no use until the object changes: tell the person who can change it. */
export class StalledError extends ReconcileError {
  override readonly name = 'StalledError';
}

/** Something outside is not ready yet; look again in a while. No failure, and nothing to alarm anybody with. */
export class WaitingError extends ReconcileError {
  override readonly name = 'WaitingError';
  /** When to look again, in ms. */
  readonly afterMs: number;

  constructor(reason: string, message: string, options: ReconcileErrorOptions & { afterMs: number }) {
    super(reason, message, options);
    this.afterMs = options.afterMs;
  }
}

/** It went wrong and may go right: try again with back-off. */
export class TransientError extends ReconcileError {
  override readonly name = 'TransientError';
  /** At least this long, in ms, when the other side said so. */
  readonly afterMs: number | undefined;
  /** A normal part of life, such as a lost race: neither logged loudly nor shown in status. */
  readonly silent: boolean;

  constructor(
    reason: string,
    message: string,
    options: ReconcileErrorOptions & { afterMs?: number; silent?: boolean } = {},
  ) {
    super(reason, message, options);
    this.afterMs = options.afterMs;
    this.silent = options.silent ?? false;
  }
}
