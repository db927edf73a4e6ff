import { type ProviderChain, REHEARSAL_NAME } from '@dark-carnival/crds';
import { RoundStopped } from '../debate/round.ts';
import { awaitRelease } from './await-release.ts';
import { Hibernating } from './failure.ts';
import type { JobContext, JobDeps } from './job-context.ts';

/** How long a job waits for providers after a start, in milliseconds: the controller sends them with the first heartbeats. */
export const GRANTS_WAIT_MS = 2 * 60_000;

/**
 * Providers and their keys live in memory only, so a wagon that goes on with its jobs after a restart has none at first. It waits for them,
 * rather than fail every job or let the rehearsal at the end of a chain stand in for a model.
 * @throws Hibernating when the wagon stops meanwhile; RoundStopped when none are granted; the reason of a cancel.
 */
export async function awaitGrants(
  chain: Pick<ProviderChain, 'providers'>,
  context: JobContext,
  deps: Pick<JobDeps, 'factory' | 'granted' | 'say'>,
): Promise<void> {
  const { providers } = chain;
  const { assignment, cancelled, interrupted, hold } = context;
  const { factory, granted, say } = deps;
  const first = providers.find((name) => name !== REHEARSAL_NAME);
  // What a wagon has of its own needs no grant; only a chain that begins with it does not wait for the others.
  if (factory.digest !== undefined || first === undefined || factory.holds(first)) return;
  say('warn', 'No providers were granted yet: waiting for them', {
    objective: assignment.objective,
    jobID: assignment.id,
  });
  const signal = AbortSignal.any([interrupted, hold.began]);
  const came = await granted.wait({ signal, maxWaitMs: GRANTS_WAIT_MS });
  cancelled.throwIfAborted();
  if (came) return;
  if (interrupted.aborted) throw new Hibernating('the wagon stops');
  // Time under a hold is no waiting for providers.
  if (signal.aborted) {
    await awaitRelease(context, deps);
    return awaitGrants(chain, context, deps);
  }
  const seconds = GRANTS_WAIT_MS / 1000;
  throw new RoundStopped('ProviderUnavailable', `nobody granted this wagon any provider within ${seconds} s`);
}
