import { CliError, usageError } from '../cli-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * Asks before something that touches much. Anything but a yes is a no.
 * @throws CliError where the answer is no; usage where nobody can be asked and `--yes` was not given.
 */
export async function confirm(
  { ask }: Pick<Terminal, 'ask'>,
  question: string,
  yes: boolean | undefined,
): Promise<void> {
  if (yes) return;
  if (!ask) throw usageError('there is nobody to ask at this terminal: give --yes');
  const answer = (await ask(`${question} y/N: `))?.trim().toLowerCase();
  if (answer !== 'y' && answer !== 'yes') throw new CliError('nothing was changed');
}
