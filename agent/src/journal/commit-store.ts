import type { DatabaseSync } from 'node:sqlite';

/** A file that a job left in the vault. */
export interface CommittedFile {
  /** `<objective>/<path>` */
  file: string;
  sha256: string;
  bytes: number;
}

/** Which files a job has committed, so that a job that goes on after a crash writes none of them twice: people may have changed them since. */
export class CommitStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  find(jobID: string, path: string): CommittedFile | undefined {
    const row = this.#database.prepare('SELECT artifact FROM commits WHERE job_id = ? AND file = ?').get(jobID, path);
    return row === undefined ? undefined : (JSON.parse(String(row.artifact)) as CommittedFile);
  }

  record(jobID: string, path: string, artifact: CommittedFile): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO commits (job_id, file, artifact) VALUES (?, ?, ?)')
      .run(jobID, path, JSON.stringify(artifact));
  }
}
