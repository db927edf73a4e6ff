import { unsafePathReason } from '@dark-carnival/crds';

/** An Objective's folder; one of an older uid carries the beginning of that uid (api.md, "Vault"). */
const FOLDER = /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?(~[a-z0-9-]{1,64})?$/;
/** Where transcripts lie: readable by whoever names them, never writable. */
const TRANSCRIPT = /^\.debate\/round-([1-9]|10)\.json$/;

/** Why `<objective>/<path>` may not be asked for, or nothing. The wagon checks again: this keeps nonsense from travelling. */
export function vaultPathProblem(file: string, use: 'read' | 'delete'): string | undefined {
  const slash = file.indexOf('/');
  if (slash === -1) return 'a file is named <objective>/<path>';
  const folder = file.slice(0, slash);
  const path = file.slice(slash + 1);
  if (!FOLDER.test(folder) || folder.includes('..')) return 'the first part must be the name of an Objective';
  if (use === 'read' && TRANSCRIPT.test(path)) return undefined;
  const reason = unsafePathReason(path);
  return reason === undefined ? undefined : `the path ${reason}`;
}

/** The wagon's route for a file. */
export const completionPath = (file: string): string =>
  `/api/completions/${file.split('/').map(encodeURIComponent).join('/')}`;

/** Where the transcript of a round lies. */
export const transcriptFile = (objective: string, round: number): string => `${objective}/.debate/round-${round}.json`;
