import { type ObjectiveRef, unsafePathReason } from '@dark-carnival/crds';
import { VaultError } from './vault-error.ts';

/** Folder of transcripts inside an Objective's folder; hidden, since plan paths never start with a dot. */
export const DEBATE_FOLDER = '.debate';
/** Folder of sidecars inside an Objective's folder. */
export const META_FOLDER = '.meta';
/** Says whose folder it is. */
export const OWNER_FILE = '.objective.json';
/** Folder of deleted files inside a namespace's folder; Objective names never start with a dot. */
export const TRASH_FOLDER = '.trash';
/** Start of the names of files that are being written. */
export const TEMPORARY = '.tmp-';

const FOLDER = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?(~[a-z0-9-]{1,64})?$/;
const TRANSCRIPT = /^\.debate\/round-([1-9]|10)\.json$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** A file as the world names it: `<objective>/<path>`, split where the Objective's folder ends. */
export interface VaultName {
  folder: string;
  path: string;
}

/**
 * Splits and judges a file name that came from outside.
 * @throws VaultError `unsafe` with the reason.
 */
export function parseVaultName(file: string): VaultName {
  const cut = file.indexOf('/');
  const folder = cut < 0 ? file : file.slice(0, cut);
  const path = cut < 0 ? '' : file.slice(cut + 1);
  if (!FOLDER.test(folder))
    throw new VaultError('unsafe', `${quote(file)} does not start with the name of an Objective`);
  if (path === '') throw new VaultError('unsafe', `${quote(file)} names no file: use <objective>/<path>`);
  if (isTranscript(path)) return { folder, path };
  const reason = unsafePathReason(path);
  if (reason !== undefined) throw new VaultError('unsafe', `${quote(file)} ${reason}`);
  return { folder, path };
}

/** Whether a path inside an Objective's folder is a transcript's. */
export const isTranscript = (path: string): boolean => TRANSCRIPT.test(path);

export const isObjectiveFolder = (name: string): boolean => FOLDER.test(name);
export const isNamespaceFolder = (name: string): boolean => NAMESPACE.test(name);

export const transcriptPath = (round: number): string => `${DEBATE_FOLDER}/round-${round}.json`;

/**
 * Where the sidecar of a path lies, relative to the Objective's folder. No segment of a path holds `~`, so the sidecar of `a` can never be
 * in the place of the sidecars of `a.json/…`.
 */
export const sidecarPath = (path: string): string => `${META_FOLDER}/${path}~.json`;

/** The path that a sidecar belongs to, from its own place below `.meta`. */
export function pathOfSidecar(relative: string): string | undefined {
  return relative.endsWith('~.json') ? relative.slice(0, -'~.json'.length) : undefined;
}

/** Where the folder of an older Objective of the same name goes. */
export const supersededFolder = (name: string, uid: string): string => `${name}~${uid.slice(0, 8)}`;

/** Judges an Objective before a folder is made of its name. @throws VaultError */
export function assertFolderName({ namespace, name }: ObjectiveRef): void {
  if (!isNamespaceFolder(namespace) || !FOLDER.test(name))
    throw new VaultError('unsafe', `${quote(`${namespace}/${name}`)} cannot be a folder's name`);
}

function quote(file: string): string {
  return JSON.stringify(file.length > 200 ? `${file.slice(0, 200)}…` : file);
}
