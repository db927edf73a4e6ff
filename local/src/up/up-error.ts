/** Why `carnival up` cannot go on: one line that says what to do. Exit code 1 is an error of the machine, 2 a mistake on the command line. */
export class UpError extends Error {
  override readonly name = 'UpError';
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
