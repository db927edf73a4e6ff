import { RoundStopped } from '../debate/round.ts';
import { awaitRelease } from './await-release.ts';
import { Hibernating } from './failure.ts';
import type { JobContext, JobDeps } from './job-context.ts';

/** How long a job waits for the ringmaster, in milliseconds. Its work has been given to somebody else long before. */
export const LEASE_WAIT_MS = 15 * 60_000;

/**
 * Waits until this wagon may act.
 * @throws Hibernating when the wagon stops meanwhile; RoundStopped when the ringmaster stays silent; the reason of a cancel.
 */
export async function awaitLease(context: JobContext, deps: Pick<JobDeps, 'lease' | 'say'>): Promise<void> {
  const { assignment, cancelled, interrupted, hold } = context;
  const { lease, say } = deps;
  cancelled.throwIfAborted();
  if (lease.held) return;
  const about = { objective: assignment.objective, jobID: assignment.id };
  say('warn', 'No word from the ringmaster: waiting before the next step', about);
  const signal = AbortSignal.any([interrupted, hold.began]);
  const held = await lease.untilHeld({ signal, maxWaitMs: LEASE_WAIT_MS });
  cancelled.throwIfAborted();
  if (held) {
    say('info', 'The ringmaster is back: going on', about);
    return;
  }
  if (interrupted.aborted) throw new Hibernating('the wagon stops');
  // Nobody waits for the ringmaster while the job is held.
  if (signal.aborted) {
    await awaitRelease(context, deps);
    return awaitLease(context, deps);
  }
  throw new RoundStopped('Timeout', `no word from the ringmaster for ${LEASE_WAIT_MS / 60_000} minutes`);
}
