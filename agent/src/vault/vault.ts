import { lstat, mkdir, realpath, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ObjectiveRef, Sidecar } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { type PreparedFile, prepareFile } from './atomic-write.ts';
import { listEntries, readSidecar, type VaultEntry } from './catalogue.ts';
import { DigestCache, sha256Of } from './digest-cache.ts';
import { claimFolder, folderForRestore, locateFolder, ownerOf } from './objective-folder.ts';
import { ensureFolder, findFile, kindOf, openForReading, parentsOf, refuseOtherSpelling } from './safe-tree.ts';
import { sweepAndCount, type VaultTotals } from './sweep.ts';
import { Trash } from './trash.ts';
import { codeOf, toVaultError, VaultError } from './vault-error.ts';
import { isTranscript, parseVaultName, sidecarPath, type VaultName } from './vault-name.ts';

/** What a writer says about a file; the vault adds where it lies, its digest and size, and when. */
export type FileOrigin = Omit<
  Sidecar,
  'file' | 'namespace' | 'objective' | 'objectiveUID' | 'sha256' | 'bytes' | 'createdAt'
>;

export interface VaultWrite {
  objective: ObjectiveRef;
  /** Inside the Objective's folder; judged by whoever calls (crds `unsafePathReason`), or a transcript's. */
  path: string;
  content: string;
  origin: FileOrigin;
  /** Asked at the last moment before the file gets its name. */
  mayCommit: () => boolean;
}

export interface StoredFile {
  /** `<objective>/<path>` */
  file: string;
  sha256: string;
  bytes: number;
}

/** Largest file that is served, in bytes. Ours are far smaller; people may have put in others. */
const MAX_READ = 64 * 1024 * 1024;

export interface VaultDeps {
  clock: Clock;
  /** A new unique word of letters, digits and dashes at each call. */
  unique: () => string;
}

/**
 * The completions of one namespace, as plain files: `<root>/<namespace>/<objective>/<path>`. Whoever knows a path through the API can find it
 * on the disk, and the other way round. Changes go one at a time; each is complete or has not happened, whenever the process dies.
 */
export class Vault {
  readonly #folder: string;
  readonly #deps: VaultDeps;
  readonly #trash: Trash;
  readonly #digests = new DigestCache();
  #totals: VaultTotals;
  #tail: Promise<unknown> = Promise.resolve();

  /**
   * Opens the vault of a namespace below `root`, takes away leftovers of a crash and counts.
   * @throws VaultError where the folder cannot be made or used.
   */
  static async open(root: string, namespace: string, deps: VaultDeps): Promise<Vault> {
    try {
      await mkdir(join(root, namespace), { recursive: true, mode: 0o700 });
      const folder = await realpath(join(root, namespace));
      if ((await lstat(join(root, namespace))).isSymbolicLink())
        throw new VaultError('unwritable', `${join(root, namespace)} is a symbolic link`);
      const vault = new Vault(folder, await sweepAndCount(folder), deps);
      await vault.#trash.mend(deps.clock.now());
      return vault;
    } catch (error) {
      throw toVaultError('the vault cannot be opened', error);
    }
  }

  private constructor(folder: string, totals: VaultTotals, deps: VaultDeps) {
    this.#folder = folder;
    this.#totals = totals;
    this.#deps = deps;
    this.#trash = new Trash(folder);
  }

  /** Files and bytes that the wagon has counted; what people do on the disk meanwhile is seen at the next start. */
  get totals(): VaultTotals {
    return { ...this.#totals };
  }

  /** Every file with what is known of it; transcripts only with `all`. */
  list(options: { all: boolean }): Promise<VaultEntry[]> {
    return listEntries(this.#folder, this.#digests, options);
  }

  /** @throws VaultError `absent`, also where only the sidecar is left; `unsafe`. */
  async read(file: string): Promise<{ content: Buffer; sha256: string; name: VaultName }> {
    const name = parseVaultName(file);
    const found = await findFile(join(this.#folder, name.folder), name.path);
    if (found === undefined) throw new VaultError('absent', `there is no file ${file}`);
    if (found.stats.size > MAX_READ) throw new VaultError('unsafe', `${file} is larger than ${MAX_READ} bytes`);
    const handle = await openForReading(found.path).catch((error: unknown) => {
      throw new VaultError('absent', `${file} cannot be read: ${codeOf(error)}`, error);
    });
    try {
      const content = await handle.readFile();
      return { content, sha256: sha256Of(content), name };
    } finally {
      await handle.close();
    }
  }

  /**
   * Writes a file and its sidecar. Writing the same again changes nothing.
   * @returns undefined where `mayCommit` said no: nothing has changed then.
   * @throws VaultError `unwritable`
   */
  write(request: VaultWrite): Promise<StoredFile | undefined> {
    return this.#exclusively(async () => {
      try {
        return await this.#write(request);
      } catch (error) {
        throw toVaultError(`${request.objective.name}/${request.path} cannot be written`, error);
      }
    });
  }

  /** Moves a file to the trash, where it is kept for 24 h. @throws VaultError `absent`, `unsafe`, `unwritable` */
  delete(file: string): Promise<void> {
    return this.#exclusively(async () => {
      const { folder, path } = parseVaultName(file);
      if (isTranscript(path))
        throw new VaultError('unsafe', 'a transcript belongs to its Objective: it is not deleted');
      const root = join(this.#folder, folder);
      const found = await findFile(root, path);
      if (found === undefined) throw new VaultError('absent', `there is no file ${file}`);
      const now = this.#deps.clock.now();
      try {
        await this.#trash.mend(now);
        const [owner, sidecar] = await Promise.all([ownerOf(root), readSidecar(root, path)]);
        await this.#trash.take({ folder, path, owner, sidecar }, now, this.#deps.unique());
        for (const parent of parentsOf(path)) await rmdir(join(root, parent));
      } catch (error) {
        // A folder that is not empty stays: that is how it is found out.
        if (codeOf(error) !== 'ENOTEMPTY') throw toVaultError(`${file} cannot be deleted`, error);
      } finally {
        if ((await findFile(root, path)) === undefined) this.#count(-1, -found.stats.size);
      }
    });
  }

  /** Brings the file back that was deleted last under this name. @throws VaultError `absent`, `occupied`, `unsafe`, `unwritable` */
  restore(file: string): Promise<StoredFile> {
    return this.#exclusively(async () => {
      const { folder, path } = parseVaultName(file);
      const trashed = await this.#trash.newest(folder, path);
      if (trashed === undefined) throw new VaultError('absent', `no deleted file ${file} is kept`);
      try {
        const home = trashed.owner ? await folderForRestore(this.#folder, trashed.owner, this.#deps.unique()) : folder;
        const root = await ensureFolder(this.#folder, home);
        if ((await findFile(root, path)) !== undefined)
          throw new VaultError('occupied', `${home}/${path} is there already: delete it first`);
        await this.#trash.giveBack(trashed, root, path, this.#deps.unique());
        const { content, sha256 } = await this.read(`${home}/${path}`);
        this.#count(1, content.byteLength);
        return { file: `${home}/${path}`, sha256, bytes: content.byteLength };
      } catch (error) {
        throw toVaultError(`${file} cannot be brought back`, error);
      }
    });
  }

  /** Where this very Objective's folder is now, or undefined where it has none. */
  locate(objective: ObjectiveRef): Promise<string | undefined> {
    return locateFolder(this.#folder, objective);
  }

  /** Resolves when every change that was begun has ended. */
  async settle(): Promise<void> {
    await this.#tail;
  }

  async #write({ objective, path, content, origin, mayCommit }: VaultWrite): Promise<StoredFile | undefined> {
    const folder = await claimFolder(this.#folder, objective, this.#deps.unique());
    const root = join(this.#folder, folder);
    const stored = { file: `${folder}/${path}`, sha256: sha256Of(content), bytes: Buffer.byteLength(content) };
    const before = await findFile(root, path);
    if (await this.#isThere(root, path, origin, stored.sha256)) return mayCommit() ? stored : undefined;
    const sidecar: Sidecar = {
      ...origin,
      ...stored,
      namespace: objective.namespace,
      objective: objective.name,
      objectiveUID: objective.uid,
      createdAt: new Date(this.#deps.clock.now()).toISOString(),
    };
    const file = await this.#prepare(root, path, content);
    try {
      const meta = await this.#prepare(root, sidecarPath(path), `${JSON.stringify(sidecar)}\n`);
      try {
        if (!mayCommit()) return undefined;
        // The sidecar comes first: no file is ever there that nothing explains.
        await meta.commit();
        await file.commit();
      } finally {
        await meta.discard();
      }
    } finally {
      await file.discard();
    }
    if (!isTranscript(path)) this.#count(before ? 0 : 1, stored.bytes - (before?.stats.size ?? 0));
    return stored;
  }

  /** Makes the folders of a path and lays its content beside its place, which nothing may be in but an older file. */
  async #prepare(root: string, path: string, content: string): Promise<PreparedFile> {
    const name = basename(path);
    const folder = await ensureFolder(root, dirname(path) === '.' ? '' : dirname(path));
    await refuseOtherSpelling(folder, name);
    if ((await kindOf(join(folder, name)))?.isDirectory())
      throw new VaultError('unwritable', 'a folder is where the file should be');
    return prepareFile(folder, name, content, this.#deps.unique());
  }

  async #isThere(root: string, path: string, origin: FileOrigin, sha256: string): Promise<boolean> {
    const found = await findFile(root, path);
    if (found === undefined || (await readSidecar(root, path))?.task !== origin.task) return false;
    return (await this.#digests.digestOf(found.path, found.stats)) === sha256;
  }

  #count(files: number, bytes: number): void {
    this.#totals = {
      files: Math.max(0, this.#totals.files + files),
      bytes: Math.max(0, this.#totals.bytes + bytes),
    };
  }

  #exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
