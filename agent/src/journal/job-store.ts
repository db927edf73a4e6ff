import type { DatabaseSync } from 'node:sqlite';
import type { Assignment, Turn } from '@dark-carnival/crds';
import { parseJobID } from '@dark-carnival/crds';
import { type JobEnding, type JobRecord, toJobRecord } from './job-record.ts';

/** How many ended jobs are kept, and how long, in milliseconds. Whichever is less. */
export interface JobRetention {
  count: number;
  ageMs: number;
}

/** Every job that this wagon was given, until it is forgotten. Each method is one durable transaction. */
export class JobStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  find(id: string): JobRecord | undefined {
    const row = this.#database.prepare('SELECT * FROM jobs WHERE id = ?').get(id);
    return row === undefined ? undefined : toJobRecord(row);
  }

  /** Jobs that have not ended, oldest first. */
  unfinished(): JobRecord[] {
    const rows = this.#database.prepare('SELECT * FROM jobs WHERE finished_at IS NULL ORDER BY accepted_at, id').all();
    return rows.map(toJobRecord);
  }

  /** How many have not ended. */
  countUnfinished(): number {
    const row = this.#database.prepare('SELECT count(*) AS jobs FROM jobs WHERE finished_at IS NULL').get();
    return Number(row?.jobs ?? 0);
  }

  /** Highest attempt held for the round or task that `id` belongs to; 0 where there is none. */
  newestAttempt(id: string): number {
    const row = this.#database.prepare('SELECT max(attempt) AS newest FROM jobs WHERE part = ?').get(partOf(id));
    return Number(row?.newest ?? 0);
  }

  insert(assignment: Assignment, bodyDigest: string, at: string): JobRecord {
    this.#database
      .prepare(
        `INSERT INTO jobs (id, part, attempt, inputs_digest, body_digest, objective, assignment, state, accepted_at, held_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'Accepted', ?, (SELECT at FROM held_unseen WHERE id = ?))`,
      )
      .run(
        assignment.id,
        partOf(assignment.id),
        parseJobID(assignment.id)?.attempt ?? 0,
        assignment.inputsDigest,
        bodyDigest,
        JSON.stringify(assignment.objective),
        JSON.stringify(assignment),
        at,
        assignment.id,
      );
    const record = this.find(assignment.id);
    if (record === undefined) throw new Error(`job ${assignment.id} was inserted and is not there`);
    return record;
  }

  /** Marks a job as running. Its start stays the first one, over restarts. */
  start(id: string, at: string): void {
    this.#database
      .prepare(
        `UPDATE jobs SET state = 'Running', started_at = coalesce(started_at, ?) WHERE id = ? AND finished_at IS NULL`,
      )
      .run(at, id);
  }

  saveTurns(id: string, turns: readonly Turn[]): void {
    this.#database
      .prepare('UPDATE jobs SET turns = ? WHERE id = ? AND finished_at IS NULL')
      .run(JSON.stringify(turns), id);
  }

  /** Ends a job, once: @returns false where it had ended already, and then changes nothing. */
  finish(id: string, ending: JobEnding, at: string): boolean {
    const { changes } = this.#database
      .prepare(
        `UPDATE jobs SET state = ?, reason = ?, message = ?, output = ?, finished_at = ?, assignment = NULL
         WHERE id = ? AND finished_at IS NULL`,
      )
      .run(
        ending.state,
        ending.reason ?? null,
        ending.message ?? null,
        ending.output === undefined ? null : JSON.stringify(ending.output),
        at,
        id,
      );
    return changes === 1;
  }

  /** Holds a job from `at` on, or lets it go with undefined. One that is held stays held since the first time; one that has ended is not touched. */
  hold(id: string, at: string | undefined): void {
    this.#database
      .prepare(
        `UPDATE jobs SET held_at = CASE WHEN ?1 IS NULL THEN NULL ELSE coalesce(held_at, ?1) END
         WHERE id = ?2 AND finished_at IS NULL`,
      )
      .run(at ?? null, id);
  }

  /** Remembers that a job is to be held when it comes, or that it is not. */
  holdUnseen(id: string, at: string | undefined): void {
    if (at === undefined) this.#database.prepare('DELETE FROM held_unseen WHERE id = ?').run(id);
    else this.#database.prepare('INSERT OR IGNORE INTO held_unseen (id, at) VALUES (?, ?)').run(id, at);
  }

  /** Remembers that a job was cancelled before it came, so that a late PUT does not start it. */
  cancelUnseen(id: string, at: string): void {
    this.#database.prepare('INSERT OR IGNORE INTO cancelled_unseen (id, at) VALUES (?, ?)').run(id, at);
  }

  wasCancelledUnseen(id: string): boolean {
    return this.#database.prepare('SELECT 1 FROM cancelled_unseen WHERE id = ?').get(id) !== undefined;
  }

  /** Forgets ended jobs, with their steps, beyond what is kept. */
  prune({ count, ageMs }: JobRetention, nowMs: number): void {
    const before = new Date(nowMs - ageMs).toISOString();
    this.#database
      .prepare(
        `DELETE FROM jobs WHERE finished_at < ? OR id IN
           (SELECT id FROM jobs WHERE finished_at IS NOT NULL ORDER BY finished_at DESC, id LIMIT -1 OFFSET ?)`,
      )
      .run(before, count);
    this.#database.prepare('DELETE FROM cancelled_unseen WHERE at < ?').run(before);
    this.#database.prepare('DELETE FROM held_unseen WHERE at < ?').run(before);
  }
}

function partOf(id: string): string {
  return id.slice(0, id.lastIndexOf('.'));
}
