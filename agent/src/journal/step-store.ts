import type { DatabaseSync } from 'node:sqlite';
import { mergeTaken } from '../providers/cost.ts';
import type { Completion, ProviderCost, Spend } from '../providers/provider.ts';
import { toMicroUSD } from './money.ts';

/** What a call may cost at most, in tokens and micro-dollars. */
export interface Reservation {
  tokens: number;
  microUSD: number;
}

/** What a job has caused so far. */
export interface JobUsage {
  inputTokens: number;
  outputTokens: number;
  calls: number;
  /** Absent where no provider that was asked has prices. */
  microUSD?: number;
  /** Tokens among these that no provider counted. */
  estimatedTokens: number;
  /** What each provider took of the cost. */
  takenBy: ProviderCost[];
  /** Tokens reserved for calls whose end nobody saw: in flight at a crash or when they were aborted. */
  unsettled: number;
  /** Micro-dollars reserved for the same. */
  unsettledMicroUSD: number;
  /** All that counts against the grant: settled, unsettled and in flight. */
  booked: Reservation;
}

/**
 * The calls of each job. A step is written down before it acts (Intent), and its answer before anybody reads it. What was an Intent when the
 * process died is Lost: it counts as spent at its reservation, and may be tried once more.
 */
export class StepStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The answer of a step that was answered in this or an earlier life. */
  answer(jobID: string, key: string): Completion | undefined {
    const row = this.#database
      .prepare(`SELECT answer FROM steps WHERE job_id = ? AND key = ? AND state = 'Answered'`)
      .get(jobID, key);
    return row === undefined ? undefined : (JSON.parse(String(row.answer)) as Completion);
  }

  /**
   * Hands an attempt the answer to this very question that an earlier attempt at the same round or task has bought, and books it here: a wagon that was cut
   * off goes on working, is given up, and may be given the same work again. Not what an attempt bought that failed: the answer may be why.
   */
  adopt(jobID: string, key: string, question: string): Completion | undefined {
    const { changes } = this.#database
      .prepare(
        `INSERT INTO steps (job_id, key, try, state, reserved_tokens, reserved_micro_usd, input_tokens, output_tokens, calls, micro_usd, estimated_tokens, taken_by, answer, question)
         SELECT ?1, s.key, 1 + (SELECT coalesce(max(try), 0) FROM steps WHERE job_id = ?1 AND key = ?2), s.state,
                s.reserved_tokens, s.reserved_micro_usd, s.input_tokens, s.output_tokens, s.calls, s.micro_usd,
                s.estimated_tokens, s.taken_by, s.answer, s.question
         FROM jobs mine JOIN jobs earlier ON earlier.part = mine.part AND earlier.attempt < mine.attempt AND earlier.state <> 'Failed'
              JOIN steps s ON s.job_id = earlier.id
         WHERE mine.id = ?1 AND s.key = ?2 AND s.question = ?3 AND s.state = 'Answered'
         ORDER BY earlier.attempt DESC LIMIT 1`,
      )
      .run(jobID, key, question);
    return changes === 0 ? undefined : this.answer(jobID, key);
  }

  /** How often this step was under way when the process died. */
  timesLost(jobID: string, key: string): number {
    const row = this.#database
      .prepare(`SELECT count(*) AS lost FROM steps WHERE job_id = ? AND key = ? AND state = 'Lost'`)
      .get(jobID, key);
    return Number(row?.lost ?? 0);
  }

  /**
   * Books a reservation and says that the call is about to be made.
   * @param question digest of what is asked of whom
   * @returns the number of the try.
   */
  intend(jobID: string, key: string, { tokens, microUSD }: Reservation, question: string): number {
    const row = this.#database
      .prepare(
        `INSERT INTO steps (job_id, key, try, state, reserved_tokens, reserved_micro_usd, question)
         SELECT ?, ?, 1 + coalesce(max(try), 0), 'Intent', ?, ?, ? FROM steps WHERE job_id = ? AND key = ?
         RETURNING try`,
      )
      .get(jobID, key, tokens, microUSD, question, jobID, key);
    return Number(row?.try);
  }

  /** Books more for a call that is under way: a further try of it may cost as much beside what the tries before did. */
  raise(jobID: string, key: string, attempt: number, { tokens, microUSD }: Reservation): void {
    this.#database
      .prepare(
        `UPDATE steps SET reserved_tokens = max(reserved_tokens, ?), reserved_micro_usd = max(reserved_micro_usd, ?)
         WHERE job_id = ? AND key = ? AND try = ?`,
      )
      .run(tokens, microUSD, jobID, key, attempt);
  }

  /** Settles a call with its answer. */
  settle(jobID: string, key: string, attempt: number, completion: Completion): void {
    this.#end(jobID, key, attempt, 'Answered', completion.spent, JSON.stringify(completion));
  }

  /** Settles a call that failed, with what it consumed all the same. */
  fail(jobID: string, key: string, attempt: number, spent: Spend): void {
    this.#end(jobID, key, attempt, 'Failed', spent, null);
  }

  /** Gives a call up whose end nobody saw: it stays booked at its reservation. */
  lose(jobID: string, key: string, attempt: number): void {
    this.#database
      .prepare(`UPDATE steps SET state = 'Lost', calls = 1 WHERE job_id = ? AND key = ? AND try = ?`)
      .run(jobID, key, attempt);
  }

  /** At a start: every call that was in flight when the process ended is lost. @returns how many. */
  loseAllInFlight(): number {
    return Number(
      this.#database.prepare(`UPDATE steps SET state = 'Lost', calls = 1 WHERE state = 'Intent'`).run().changes,
    );
  }

  usage(jobID: string): JobUsage {
    const rows = this.#database
      .prepare(
        `SELECT state, sum(reserved_tokens) AS reservedTokens, sum(reserved_micro_usd) AS reservedMicroUSD,
                sum(input_tokens) AS input, sum(output_tokens) AS output, sum(calls) AS calls, sum(micro_usd) AS micro,
                sum(estimated_tokens) AS estimated
         FROM steps WHERE job_id = ? GROUP BY state`,
      )
      .all(jobID);
    const usage: JobUsage = {
      inputTokens: 0,
      outputTokens: 0,
      calls: 0,
      estimatedTokens: 0,
      takenBy: this.#takenBy(jobID),
      unsettled: 0,
      unsettledMicroUSD: 0,
      booked: { tokens: 0, microUSD: 0 },
    };
    for (const row of rows) {
      const settled = row.state === 'Answered' || row.state === 'Failed';
      usage.inputTokens += Number(row.input);
      usage.outputTokens += Number(row.output);
      usage.calls += Number(row.calls);
      if (row.micro !== null) usage.microUSD = (usage.microUSD ?? 0) + Number(row.micro);
      usage.estimatedTokens += Number(row.estimated);
      if (row.state === 'Lost') {
        usage.unsettled += Number(row.reservedTokens);
        usage.unsettledMicroUSD += Number(row.reservedMicroUSD);
      }
      usage.booked.tokens += settled ? Number(row.input) + Number(row.output) : Number(row.reservedTokens);
      usage.booked.microUSD += Number((settled ? row.micro : row.reservedMicroUSD) ?? 0);
    }
    return usage;
  }

  #takenBy(jobID: string): ProviderCost[] {
    const rows = this.#database
      .prepare('SELECT taken_by AS taken FROM steps WHERE job_id = ? AND taken_by IS NOT NULL ORDER BY key, try')
      .all(jobID);
    return mergeTaken(rows.flatMap(({ taken }) => JSON.parse(String(taken)) as ProviderCost[]));
  }

  #end(jobID: string, key: string, attempt: number, state: string, spent: Spend, answer: string | null): void {
    this.#database
      .prepare(
        `UPDATE steps SET state = ?, input_tokens = ?, output_tokens = ?, calls = ?, micro_usd = ?,
                          estimated_tokens = ?, taken_by = ?, answer = ?
         WHERE job_id = ? AND key = ? AND try = ?`,
      )
      .run(
        state,
        spent.inputTokens,
        spent.outputTokens,
        spent.calls,
        spent.costUSD === undefined ? null : toMicroUSD(spent.costUSD),
        spent.estimatedTokens ?? 0,
        spent.takenBy === undefined ? null : JSON.stringify(spent.takenBy),
        answer,
        jobID,
        key,
        attempt,
      );
  }
}
