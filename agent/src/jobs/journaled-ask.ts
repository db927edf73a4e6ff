import { createHash } from 'node:crypto';
import { type Assignment, canonicalJson } from '@dark-carnival/crds';
import { type Ask, type AskStep, RoundStopped } from '../debate/round.ts';
import { toMicroUSD } from '../journal/money.ts';
import type { Reservation } from '../journal/step-store.ts';
import { CallHeldBack } from '../providers/call-held-back.ts';
import { CallUnaffordable } from '../providers/call-unaffordable.ts';
import type { CallCeiling } from '../providers/llm-factory.ts';
import type { Completion } from '../providers/provider.ts';
import { ProviderError } from '../providers/provider-error.ts';
import { awaitGrants } from './await-grants.ts';
import { awaitLease } from './await-lease.ts';
import { awaitRelease } from './await-release.ts';
import { Hibernating } from './failure.ts';
import { grantShortage } from './grant.ts';
import type { JobContext, JobDeps } from './job-context.ts';

/** A call that was lost this often is not tried again: it may be what kills the process. */
const MAX_LOST = 2;

/**
 * How jobs buy answers: each call is granted, leased and journaled. An answer in the journal is handed out again and never bought twice, also to a later
 * attempt that asks the same, but where they were refused; a call that was in flight when the process died stays booked at its reservation and is made once more.
 */
export function journaledAsk(context: JobContext, deps: JobDeps): Ask {
  const { id } = context.assignment;
  const { steps } = deps.journal;
  return async (step) => {
    context.cancelled.throwIfAborted();
    const known = steps.answer(id, step.key);
    if (known !== undefined) return known;
    const question = digestOf(step);
    const adopted = context.assignment.afresh ? undefined : steps.adopt(id, step.key, question);
    if (adopted !== undefined) return adopted;
    if (steps.timesLost(id, step.key) >= MAX_LOST)
      throw new RoundStopped('Internal', `the call ${step.key} was under way at ${MAX_LOST} crashes: not tried again`);
    for (;;) {
      await mayBegin(context, step, deps);
      const reserved = reserve(context, step, deps);
      const attempt = steps.intend(id, step.key, reserved, question);
      try {
        return await buy(context, step, { attempt, reserved }, deps);
      } catch (error) {
        if (!(error instanceof CallHeldBack)) throw error;
      } finally {
        deps.onCall();
      }
    }
  };
}

/** Names what is asked of whom. Who is not to be asked changes nothing about that. */
function digestOf({ chain, request: { system, messages, maxTokens, schema } }: AskStep): string {
  const { leftOut: _, ...asked } = chain;
  return createHash('sha256')
    .update(canonicalJson({ chain: asked, system, messages, maxTokens, schema }))
    .digest('hex');
}

/** Returns when a call may begin: nothing happens between this and the call. @throws what the waits throw. */
async function mayBegin(context: JobContext, { chain }: AskStep, deps: JobDeps): Promise<void> {
  do {
    if (context.interrupted.aborted) throw new Hibernating('the wagon stops');
    await awaitRelease(context, deps);
    await awaitGrants(chain, context, deps);
    await awaitLease(context, deps);
  } while (context.hold.held);
}

function reserve({ assignment }: JobContext, { chain, request }: AskStep, { journal, factory }: JobDeps): Reservation {
  const { tokens, costUSD } = factory.reservation(chain, request);
  const wanted = { tokens: Math.ceil(tokens), microUSD: costUSD === undefined ? 0 : toMicroUSD(costUSD) };
  const shortage = grantShortage(assignment.grant, journal.steps.usage(assignment.id).booked, wanted);
  if (shortage !== undefined) throw new RoundStopped('BudgetExhausted', shortage);
  return wanted;
}

async function buy(
  { assignment: { id, objective, grant }, cancelled, hold }: JobContext,
  { key, chain, request, deadlineMs, onDelta, onStart }: AskStep,
  { attempt, reserved }: { attempt: number; reserved: Reservation },
  { journal, factory }: JobDeps,
): Promise<Completion> {
  const reserveTry = reserveMore(grant, reserved, {
    booked: () => journal.steps.usage(id).booked,
    raise: (more) => journal.steps.raise(id, key, attempt, more),
  });
  let completion: Completion;
  try {
    const mayTry = () => !hold.held;
    const origin = { objectiveUID: objective.uid, jobID: id };
    const options = { deadlineMs, signal: cancelled, mayTry, reserveTry, onDelta, onStart, origin };
    completion = await factory.complete(chain, request, options);
  } catch (error) {
    // Only a ProviderError says what was consumed. What a call cost that was cut off by a cancel, nobody knows.
    if (ProviderError.isInstance(error) || error instanceof CallHeldBack || error instanceof CallUnaffordable)
      journal.steps.fail(id, key, attempt, error.spent);
    else journal.steps.lose(id, key, attempt);
    if (error instanceof CallUnaffordable) throw new RoundStopped('BudgetExhausted', error.message);
    throw error;
  }
  journal.steps.settle(id, key, attempt, completion);
  return completion;
}

interface Ledger {
  /** All that counts against the grant now, this call's reservation included. */
  booked: () => Reservation;
  raise: (more: Reservation) => void;
}

/** Reserves what a further try of a call needs beyond what was reserved for it, if the grant has it. */
function reserveMore(grant: Assignment['grant'], first: Reservation, { booked, raise }: Ledger) {
  let reserved = first;
  return ({ tokens, costUSD }: CallCeiling): string | undefined => {
    const most = { tokens: Math.ceil(tokens), microUSD: costUSD === undefined ? 0 : toMicroUSD(costUSD) };
    const more = {
      tokens: Math.max(most.tokens, reserved.tokens),
      microUSD: Math.max(most.microUSD, reserved.microUSD),
    };
    if (more.tokens === reserved.tokens && more.microUSD === reserved.microUSD) return undefined;
    const before = booked();
    const others = { tokens: before.tokens - reserved.tokens, microUSD: before.microUSD - reserved.microUSD };
    const shortage = grantShortage(grant, others, most);
    if (shortage !== undefined) return shortage;
    raise(more);
    reserved = more;
    return undefined;
  };
}
