import type { DebateAssignment, ObjectionAnswer, Seat, Turn } from '@dark-carnival/crds';
import { findJson } from '../providers/extract-json.ts';
import { jobFailureOf } from '../providers/job-failure.ts';
import type { Completion, CompletionRequest } from '../providers/provider.ts';
import { ProviderError } from '../providers/provider-error.ts';
import { askCritic } from './ask-critic.ts';
import { askTactician } from './ask-tactician.ts';
import { clip } from './fence.ts';
import { judgePlan } from './judge-plan.ts';
import { readAnswers } from './read-answers.ts';
import { type HoldRound, type RoundDeps, type RoundFailure, type RoundResult, RoundStopped } from './round.ts';
import { roundDissent } from './round-dissent.ts';
import { nextSeat, resumedTurns } from './round-state.ts';
import { answeredTurn, failedTurn } from './turn.ts';
import { turnRequest } from './turn-request.ts';

/** Holds one round of a debate, going on after the turns that an earlier attempt finished. Rejects only when the signal ends it. */
export const holdRound: HoldRound = async (assignment, deps) => {
  const table = new Table(assignment, deps);
  for (let seat = table.next(); seat; seat = table.next()) {
    const failure = await table.hear(seat);
    if (failure) return table.result(failure);
  }
  return table.close();
};

class Table {
  readonly #assignment: DebateAssignment;
  readonly #deps: RoundDeps;
  readonly #turns: Turn[];
  #plan: RoundResult['plan'];
  #repairs: string[] = [];
  /** The tactician's, to the critic's objections. */
  #answers: ReadonlyMap<string, ObjectionAnswer> = new Map();

  constructor(assignment: DebateAssignment, deps: RoundDeps) {
    this.#assignment = assignment;
    this.#deps = deps;
    this.#turns = resumedTurns(assignment);
  }

  next(): Seat | undefined {
    return nextSeat(this.#assignment, this.#turns);
  }

  /** Hears one seat. @returns why the round is over, if it is. */
  async hear(seat: Seat): Promise<RoundFailure | undefined> {
    this.#deps.signal.throwIfAborted();
    try {
      switch (seat) {
        case 'visionary':
          return await this.#hearVisionary();
        case 'critic':
          return await this.#hearCritic();
        case 'tactician':
          return await this.#hearTactician();
      }
    } catch (error) {
      if (error instanceof RoundStopped) return { reason: error.reason, message: clip(error.message, 900) };
      if (!ProviderError.isInstance(error)) throw error;
      await this.#take(failedTurn({ round: this.#assignment.round, seat, tokens: error.spent }, error.message));
      if (seat !== 'tactician') return undefined;
      return { reason: jobFailureOf(error), message: clip(`no plan: ${error.message}`, 900) };
    }
  }

  /** The end of a round in which everybody was heard. A plan that was resumed is judged again: turns come from outside. */
  async close(): Promise<RoundResult> {
    if (this.#plan) return this.result();
    const { maxTasks, seats } = this.#assignment;
    const text = this.#turns.find((turn) => turn.seat === 'tactician')?.text ?? '';
    const json = (await findJson(text))?.value;
    const verdict = judgePlan({ finishReason: 'stop', json }, { maxTasks, maxTokens: seats.tactician.maxTokens });
    if (!('plan' in verdict))
      return this.result({ reason: 'PlanInvalid', message: 'the plan that was resumed is not valid' });
    this.#plan = verdict.plan;
    this.#repairs = verdict.repairs;
    this.#answers = readAnswers(json);
    return this.result();
  }

  result(failure?: RoundFailure): RoundResult {
    return {
      turns: this.#turns,
      ...(this.#plan && !failure ? { plan: this.#plan } : {}),
      ...roundDissent(this.#assignment, this.#turns, this.#answers),
      repairs: this.#repairs,
      ...(failure ? { failure } : {}),
    };
  }

  /** Without a visionary the round goes on. */
  async #hearVisionary(): Promise<undefined> {
    const { round } = this.#assignment;
    const seat = 'visionary';
    const answer = await this.#ask(seat, `r${round}.${seat}`, turnRequest(seat, this.#assignment, this.#turns));
    const facts = { round, seat, tokens: answer.spent } as const;
    const withheld = { refusal: 'the model refused to answer', filter: "the provider's filter withheld the answer" };
    const { finishReason } = answer;
    const isWithheld = finishReason === 'refusal' || finishReason === 'filter';
    await this.#take(isWithheld ? failedTurn(facts, withheld[finishReason], answer) : answeredTurn(facts, answer));
  }

  /** Without a critic, too: that there was none is an objection. */
  async #hearCritic(): Promise<undefined> {
    const key = `r${this.#assignment.round}.critic`;
    const turn = await askCritic(this.#assignment, this.#turns, (asking, request) =>
      this.#ask('critic', asking === 1 ? key : `${key}.${asking}`, request),
    );
    await this.#take(turn);
  }

  async #hearTactician(): Promise<RoundFailure | undefined> {
    const key = `r${this.#assignment.round}.tactician`;
    const outcome = await askTactician(this.#assignment, this.#turns, (asking, request) =>
      this.#ask('tactician', `${key}.${asking}`, request),
    );
    await this.#take(outcome.turn);
    if ('failure' in outcome) return outcome.failure;
    this.#plan = outcome.plan;
    this.#repairs = outcome.repairs;
    this.#answers = outcome.answers;
    return undefined;
  }

  async #ask(seat: Seat, key: string, request: CompletionRequest): Promise<Completion> {
    const { round, seats, turnTimeoutSeconds } = this.#assignment;
    const { ask, emit, signal } = this.#deps;
    const chain = seats[seat];
    const start = ({ provider, model }: { provider: string; model: string }) =>
      emit({ type: 'turn-start', round, seat, provider, model });
    start({ provider: chain.providers[0] ?? '', model: chain.model ?? '' });
    const answer = await ask({
      key,
      chain,
      request,
      deadlineMs: turnTimeoutSeconds * 1000,
      onStart: start,
      onDelta: (text) => emit({ type: 'turn-delta', round, seat, text }),
    });
    signal.throwIfAborted();
    return answer;
  }

  async #take(turn: Turn): Promise<void> {
    const { round, seat, outcome, provider, passedOver, text, inputTokens, outputTokens } = turn;
    this.#turns.push(turn);
    await this.#deps.onTurn?.(turn);
    this.#deps.emit({
      type: 'turn-end',
      round,
      seat,
      outcome,
      ...(provider === undefined ? {} : { provider }),
      ...(passedOver === undefined ? {} : { passedOver }),
      tokens: inputTokens + outputTokens,
      text,
    });
  }
}
