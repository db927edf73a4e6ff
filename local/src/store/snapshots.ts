import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { RevisionStore } from './revision-store.ts';
import { onDisk } from './storage-error.ts';

/** Copies of the log for backups: files in a folder beside it, to be taken away by whoever asked. What nobody took is removed at the next start. */
export class Snapshots {
  readonly #store: RevisionStore;
  readonly #folder: string;
  readonly #newName: () => string;
  readonly #underWay = new Set<Promise<void>>();

  /** @param database path of the log's file */
  constructor(store: RevisionStore, database: string, newName: () => string) {
    this.#store = store;
    this.#folder = join(resolve(dirname(database)), 'snapshots');
    this.#newName = newName;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Copies the log as it is at one moment. @returns the path of the copy. @throws StorageError */
  async take(): Promise<string> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const file = join(this.#folder, `${this.#newName()}.db`);
    onDisk(file, () => closeSync(openSync(file, 'wx', 0o600)));
    const copying = this.#store.copyTo(file);
    const settled = copying.catch(() => rmSync(file, { force: true }));
    this.#underWay.add(settled);
    try {
      await copying;
      return file;
    } finally {
      await settled;
      this.#underWay.delete(settled);
    }
  }

  /** Resolves when no copy is being made: the log may be closed then. */
  async atRest(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
