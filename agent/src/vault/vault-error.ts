/** The vault could not be written or read as asked. `kind` is what is to be done about it. */
export type VaultErrorKind =
  /** Disk full, read-only, no permission, or the path leads outside or over something that is in its place. */
  | 'unwritable'
  /** There is no such file. */
  | 'absent'
  /** The name is not one that a vault can hold. */
  | 'unsafe'
  /** A file is in the place already. */
  | 'occupied';

export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly kind: VaultErrorKind;

  constructor(kind: VaultErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

const PLAIN_WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'the operation is not permitted',
  ENOTDIR: 'a file is where a folder is needed',
  EISDIR: 'a folder is where the file should be',
  ENOTEMPTY: 'a folder is where the file should be',
  ELOOP: 'a symbolic link is in its path',
  EFBIG: 'the file is larger than this process may write',
  ENAMETOOLONG: 'the path is too long for this file system',
};

/** Errors of the file system as ours; a VaultError passes as it is. */
export function toVaultError(what: string, error: unknown): VaultError {
  if (error instanceof VaultError) return error;
  const code = codeOf(error);
  const why = (code && PLAIN_WORDS[code]) ?? (error instanceof Error ? error.message : String(error));
  return new VaultError('unwritable', `${what}: ${why}`, error);
}

/** The `code` of a Node error, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
