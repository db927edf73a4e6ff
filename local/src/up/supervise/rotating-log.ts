import { appendFileSync, renameSync, statSync } from 'node:fs';

const MAX_BYTES = 10 * 1024 * 1024;
const MAX_LINE = 16_384;

/** A log file that never holds more than `maxBytes`, with one older part (`.1`) beside it. */
export class RotatingLog {
  readonly path: string;
  readonly #maxBytes: number;
  #bytes: number;

  constructor(path: string, maxBytes = MAX_BYTES) {
    this.path = path;
    this.#maxBytes = maxBytes;
    this.#bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Adds a line. A full disk costs the line, not the program. */
  write(line: string): void {
    const bytes = Buffer.from(`${line.slice(0, MAX_LINE)}\n`, 'utf8');
    try {
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#maxBytes) this.#rotate();
      appendFileSync(this.path, bytes, { mode: 0o600 });
      this.#bytes += bytes.length;
    } catch {
      // There is no better place to say it: the log is where it would be said.
    }
  }

  #rotate(): void {
    renameSync(this.path, `${this.path}.1`);
    this.#bytes = 0;
  }
}
