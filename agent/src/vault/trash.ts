import { mkdir, readdir, rename, rm, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ObjectiveRef, objectiveRefSchema, type Sidecar, sidecarSchema } from '@dark-carnival/crds';
import { z } from 'zod';
import { writeAtomically } from './atomic-write.ts';
import { readSidecar } from './catalogue.ts';
import { ensureFolder, findFile, kindOf, openForReading, syncFolder } from './safe-tree.ts';
import { codeOf } from './vault-error.ts';
import { sidecarPath, TRASH_FOLDER } from './vault-name.ts';

/** How long a deleted file can be brought back, in milliseconds. */
export const TRASH_KEPT_MS = 24 * 3_600_000;

const ENTRY = 'entry.json';
const CONTENT = 'content';

const trashEntrySchema = z.object({
  /** Folder and path at the time of the deletion. */
  folder: z.string(),
  path: z.string(),
  owner: objectiveRefSchema.optional(),
  sidecar: sidecarSchema.optional(),
  deletedAtMs: z.number(),
});
export type TrashEntry = z.output<typeof trashEntrySchema>;

/** A deleted file, and the folder of the trash that holds it. */
export interface TrashedFile extends TrashEntry {
  holder: string;
}

interface Discarded {
  folder: string;
  path: string;
  owner: ObjectiveRef | undefined;
  sidecar: Sidecar | undefined;
}

/**
 * Deleted files of one namespace, each in a folder of its own with a record of where it was. The record is written before anything moves, and
 * the file moves by one rename, so that a crash leaves the file in one of its two places, and `mend` can finish what was begun.
 */
export class Trash {
  readonly #namespaceFolder: string;

  constructor(namespaceFolder: string) {
    this.#namespaceFolder = namespaceFolder;
  }

  /** Moves a file, which is there, into the trash. */
  async take({ folder, path, owner, sidecar }: Discarded, nowMs: number, unique: string): Promise<void> {
    const trash = await ensureFolder(this.#namespaceFolder, TRASH_FOLDER);
    const holder = join(trash, `${nowMs}-${unique}`);
    await mkdir(holder, { mode: 0o700 });
    const entry: TrashEntry = {
      folder,
      path,
      deletedAtMs: nowMs,
      ...(owner === undefined ? {} : { owner }),
      ...(sidecar === undefined ? {} : { sidecar }),
    };
    await writeAtomically(holder, ENTRY, JSON.stringify(entry), unique);
    const root = join(this.#namespaceFolder, folder);
    await rename(join(root, path), join(holder, CONTENT));
    await syncFolder(holder);
    await this.#dropSidecar(root, path);
    await syncFolder(dirname(join(root, path)));
  }

  /** The file that was deleted last under this name, or undefined. */
  async newest(folder: string, path: string): Promise<TrashedFile | undefined> {
    const entries = await this.#entries();
    return entries.filter((entry) => entry.folder === folder && entry.path === path).at(-1);
  }

  /** Moves a file back to `path` below `root`. The caller has seen to it that the place is free. */
  async giveBack({ holder, sidecar }: TrashedFile, root: string, path: string, unique: string): Promise<void> {
    if (sidecar !== undefined) {
      const place = sidecarPath(path);
      const metaFolder = await ensureFolder(root, dirname(place));
      await writeAtomically(metaFolder, basename(place), `${JSON.stringify(sidecar)}\n`, unique);
    }
    const parent = dirname(path);
    const target = parent === '.' ? root : await ensureFolder(root, parent);
    await rename(join(holder, CONTENT), join(target, basename(path)));
    await syncFolder(target);
    await rm(holder, { recursive: true, force: true });
  }

  /** Finishes what a crash interrupted, and drops what is older than 24 h. */
  async mend(nowMs: number): Promise<void> {
    for (const holder of await this.#holders()) {
      const entry = await readEntry(holder);
      const kept = entry !== undefined && nowMs - entry.deletedAtMs < TRASH_KEPT_MS;
      const hasContent = (await kindOf(join(holder, CONTENT))) !== undefined;
      if (!kept || !hasContent) await rm(holder, { recursive: true, force: true });
      else await this.#finishTaking(entry);
    }
  }

  /** The file is in the trash: a sidecar that still lies in its old place, with no file beside it, is a leftover. */
  async #finishTaking({ folder, path, sidecar }: TrashEntry): Promise<void> {
    const root = join(this.#namespaceFolder, folder);
    if ((await findFile(root, path)) !== undefined) return;
    const left = await readSidecar(root, path);
    if (left !== undefined && left.sha256 === sidecar?.sha256) await this.#dropSidecar(root, path);
  }

  async #dropSidecar(root: string, path: string): Promise<void> {
    const sidecar = await findFile(root, sidecarPath(path));
    if (sidecar !== undefined) await unlink(sidecar.path);
  }

  /** Oldest first. */
  async #entries(): Promise<TrashedFile[]> {
    const entries: TrashedFile[] = [];
    for (const holder of await this.#holders()) {
      const entry = await readEntry(holder);
      const content = await kindOf(join(holder, CONTENT));
      if (entry !== undefined && content?.isFile()) entries.push({ ...entry, holder });
    }
    return entries.sort((left, right) => left.deletedAtMs - right.deletedAtMs);
  }

  async #holders(): Promise<string[]> {
    const trash = join(this.#namespaceFolder, TRASH_FOLDER);
    const entries = await readdir(trash, { withFileTypes: true }).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(trash, name))
      .sort();
  }
}

async function readEntry(holder: string): Promise<TrashEntry | undefined> {
  try {
    const handle = await openForReading(join(holder, ENTRY));
    try {
      const parsed = trashEntrySchema.safeParse(JSON.parse(await handle.readFile('utf8')));
      return parsed.success ? parsed.data : undefined;
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}
