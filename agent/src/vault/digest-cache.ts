import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { openForReading } from './safe-tree.ts';

/** Entries kept; the oldest goes first. */
const MAX_ENTRIES = 20_000;

/** `sha256:` and 64 hexadecimal digits. */
export const sha256Of = (content: Uint8Array | string): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** Digests of files, so that a list need not read what has not changed since it was read last. */
export class DigestCache {
  readonly #known = new Map<string, { stamp: string; sha256: string }>();

  /** @throws the file system's error where the file goes away meanwhile. */
  async digestOf(path: string, stats: Stats): Promise<string> {
    const stamp = `${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.sha256;
    const hash = createHash('sha256');
    const handle = await openForReading(path);
    try {
      for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk);
    } finally {
      await handle.close();
    }
    const sha256 = `sha256:${hash.digest('hex')}`;
    this.#remember(path, { stamp, sha256 });
    return sha256;
  }

  #remember(path: string, entry: { stamp: string; sha256: string }): void {
    this.#known.delete(path);
    this.#known.set(path, entry);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_ENTRIES && oldest !== undefined) this.#known.delete(oldest);
  }
}
