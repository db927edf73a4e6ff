import type { JobFailureReason } from '@dark-carnival/crds';

/** A task came to an end without a result that counts. */
export class TaskFailed extends Error {
  override readonly name = 'TaskFailed';
  readonly reason: JobFailureReason;

  constructor(reason: JobFailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
