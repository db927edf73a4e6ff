import { EXIT, type ExitCode } from './exit-codes.ts';

/** A command cannot go on. The message is one line that says what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.error) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command line makes no sense. */
export const usageError = (message: string): CliError => new CliError(message, EXIT.usage);
