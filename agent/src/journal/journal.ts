import type { DatabaseSync } from 'node:sqlite';
import { CommitStore } from './commit-store.ts';
import { JobStore } from './job-store.ts';
import { openDatabase } from './open-database.ts';
import { StepStore } from './step-store.ts';

const LEADER_EPOCH = 'leaderEpoch';

/** What a wagon must not forget, in one SQLite file. Everything in it is on disk before the method that wrote it returns. */
export class Journal {
  readonly jobs: JobStore;
  readonly steps: StepStore;
  readonly commits: CommitStore;
  readonly #database: DatabaseSync;

  /** @throws JournalUnavailable where the folder is not writable, or another process uses it. */
  static open(folder: string): Journal {
    return new Journal(openDatabase(folder));
  }

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.jobs = new JobStore(database);
    this.steps = new StepStore(database);
    this.commits = new CommitStore(database);
  }

  /** The highest number of leader changes that anybody with the token has told this wagon. */
  get leaderEpoch(): number {
    const row = this.#database.prepare('SELECT value FROM facts WHERE name = ?').get(LEADER_EPOCH);
    return Number(row?.value ?? 0);
  }

  /** Remembers a leader epoch. Lower ones change nothing. */
  raiseLeaderEpoch(epoch: number): void {
    if (epoch <= this.leaderEpoch) return;
    this.#database.prepare('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)').run(LEADER_EPOCH, String(epoch));
  }

  /** Runs `work` as one durable step: all of it is kept, or none. */
  atomically<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}
