import type { ObjectivePhase } from '@dark-carnival/crds';

/** What the command ends with (api.md, "The CLI"). */
export const EXIT = {
  done: 0,
  error: 1,
  usage: 2,
  /** The Objective ended as Failed or Expired. */
  failed: 3,
  aborted: 4,
  /** A person has to decide, and there is none at this terminal. */
  waits: 5,
  /** Ctrl-C, as shells count it: 128 + SIGINT. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Exit code of a command that followed an Objective to where it stands. */
export function exitCodeOf(phase: ObjectivePhase | undefined): ExitCode {
  switch (phase) {
    case 'Failed':
    case 'Expired':
      return EXIT.failed;
    case 'Aborted':
      return EXIT.aborted;
    case 'AwaitingHuman':
      return EXIT.waits;
    default:
      return EXIT.done;
  }
}
