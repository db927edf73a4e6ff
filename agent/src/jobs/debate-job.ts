import { type DebateAssignment, REHEARSAL_NAME, SEATS, type Seat, type Turn } from '@dark-carnival/crds';
import { clip } from '@dark-carnival/crds/text';
import type { DebateEvent, RoundResult } from '../debate/round.ts';
import type { JobEnding } from '../journal/job-record.ts';
import { transcriptPath } from '../vault/vault-name.ts';
import { commitFile } from './commit-file.ts';
import { DeltaCoalescer } from './delta-coalescer.ts';
import type { JobContext, JobDeps } from './job-context.ts';
import { journaledAsk } from './journaled-ask.ts';

/** Longest text of an event, in code points (wire/events.ts). */
const MAX_EVENT_TEXT = 262_144;

/** How a job shows which seat speaks. */
export type ShowSeat = (seat: Seat | undefined) => void;

/**
 * Holds one round and stores its transcript. Each finished turn is durable before the next one is asked for, so that a round that was
 * interrupted goes on where it was.
 * @throws what ends a job: see toJobFailure.
 */
export async function runDebate(
  debate: DebateAssignment,
  finishedTurns: readonly Turn[],
  context: JobContext,
  deps: JobDeps,
  showSeat: ShowSeat,
): Promise<JobEnding> {
  const { id, objective } = context.assignment;
  const resume = mergeTurns(debate.resume, finishedTurns);
  const turns = [...resume];
  const deltas = new DeltaCoalescer(deps.clock, (event) => deps.emit({ ...bounded(event), objective, jobID: id }));
  let result: RoundResult;
  try {
    result = await deps.holdRound(
      { ...debate, resume },
      {
        ask: journaledAsk(context, deps),
        emit: (event) => {
          if (event.type === 'turn-start') showSeat(event.seat);
          if (event.type === 'turn-end') showSeat(undefined);
          deps.observer?.heard(context.assignment, event);
          deltas.push(event);
        },
        onTurn: (turn) => {
          turns.push(turn);
          deps.journal.jobs.saveTurns(id, mergeTurns(turns, []));
        },
        signal: context.cancelled,
      },
    );
  } finally {
    deltas.flush();
    showSeat(undefined);
  }
  if (result.turns.length > 0) await storeTranscript(debate, result, context, deps);
  return endingOf(result);
}

function endingOf({ turns, plan, dissent, verdict, repairs, failure }: RoundResult): JobEnding {
  const judged = { dissent, ...(verdict === undefined ? {} : { verdict }) };
  const output = { debate: { turns, ...judged, repairs, ...(plan === undefined ? {} : { plan }) } };
  if (failure !== undefined) return { state: 'Failed', ...failure, output };
  if (plan === undefined) return { state: 'Failed', reason: 'PlanInvalid', message: 'the round left no plan', output };
  return { state: 'Succeeded', output };
}

/** One turn per seat, in the order in which they speak; a later one replaces an earlier one. */
function mergeTurns(first: readonly Turn[], second: readonly Turn[]): Turn[] {
  const bySeat = new Map([...first, ...second].map((turn) => [turn.seat, turn]));
  return SEATS.flatMap((seat) => bySeat.get(seat) ?? []);
}

async function storeTranscript(
  { round, mode, directive, feedback }: DebateAssignment,
  { turns }: RoundResult,
  context: JobContext,
  deps: JobDeps,
): Promise<void> {
  const { objective } = context.assignment;
  const transcript = { objective, round, mode, directive, feedback, turns };
  const answered = turns.filter((turn) => turn.outcome === 'Answered');
  const distinct = (words: (string | undefined)[]) =>
    [...new Set(words.filter((word) => word !== undefined))].join(',');
  await commitFile(
    context,
    {
      path: transcriptPath(round),
      content: `${JSON.stringify(transcript, null, 2)}\n`,
      origin: {
        task: 'debate',
        title: `Debate, round ${round}`,
        provider: clip(distinct(answered.map((turn) => turn.provider)), 63),
        model: clip(distinct(answered.map((turn) => turn.model)), 128),
        rehearsal: answered.some((turn) => turn.provider === REHEARSAL_NAME),
        usage: {
          inputTokens: turns.reduce((sum, turn) => sum + turn.inputTokens, 0),
          outputTokens: turns.reduce((sum, turn) => sum + turn.outputTokens, 0),
        },
      },
    },
    deps,
  );
}

function bounded(event: DebateEvent): DebateEvent {
  return event.type === 'turn-end' ? { ...event, text: clip(event.text, MAX_EVENT_TEXT) } : event;
}
