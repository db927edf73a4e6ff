/** The wagon cannot start: the message is one line that says what to change. Exit code 2 is a mistake in what it was told, 1 anything else. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
