/** Why there is no backup, or why it was not restored: one line that says what to do. Exit code 1 is an error of the machine, 2 a mistake on the command line. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What a person can do about an error of the file system. */
export function fileError(what: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new BackupError(`${what}: no room left on the disk; free some space, or choose another place`);
  return code === undefined ? error : new BackupError(`${what}: ${message}`);
}
