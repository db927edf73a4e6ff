import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findFile } from './safe-tree.ts';
import { TEMPORARY } from './vault-name.ts';

/** Files that have a name of their own, and their bytes; transcripts and sidecars are not counted. */
export interface VaultTotals {
  files: number;
  bytes: number;
}

/**
 * Walks the whole tree once, at a start: takes away what was being written when the process died, and counts what is there. Only one wagon
 * uses a data folder, so nothing temporary can be anybody's.
 */
export async function sweepAndCount(folder: string): Promise<VaultTotals> {
  const totals: VaultTotals = { files: 0, bytes: 0 };
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(TEMPORARY)) {
      await rm(path, { recursive: true, force: true });
    } else if (entry.isDirectory()) {
      const inside = await sweepAndCount(path);
      if (entry.name.startsWith('.')) continue;
      totals.files += inside.files;
      totals.bytes += inside.bytes;
    } else if (entry.isFile() && !entry.name.startsWith('.')) {
      totals.files += 1;
      totals.bytes += (await findFile(folder, entry.name))?.stats.size ?? 0;
    }
  }
  return totals;
}
