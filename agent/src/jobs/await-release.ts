import { RoundStopped } from '../debate/round.ts';
import { Hibernating } from './failure.ts';
import { HOLD_LIMIT_MS } from './hold.ts';
import type { JobContext, JobDeps } from './job-context.ts';

/**
 * Waits while the job is held.
 * @throws Hibernating when the wagon stops meanwhile; RoundStopped when nobody lets it go on; the reason of a cancel.
 */
export async function awaitRelease(
  { assignment, cancelled, interrupted, hold }: JobContext,
  { say }: Pick<JobDeps, 'say'>,
): Promise<void> {
  cancelled.throwIfAborted();
  if (!hold.held) return;
  const about = { objective: assignment.objective, jobID: assignment.id };
  say('info', 'Held: no call begins until it is let go on', about);
  const released = await hold.untilReleased(interrupted);
  cancelled.throwIfAborted();
  if (released) {
    say('info', 'Goes on', about);
    return;
  }
  if (interrupted.aborted) throw new Hibernating('the wagon stops');
  throw new RoundStopped('Timeout', `held for ${HOLD_LIMIT_MS / (24 * 3_600_000)} days`);
}
