import type { Objective } from '@dark-carnival/crds';
import type { Command } from 'commander';
import { type ControlChange, control } from '../objective/control.ts';
import { getObjective } from '../objective/get-objective.ts';
import { pauseOne, resumeOne } from '../objective/pausing.ts';
import type { CliDeps } from '../session/session.ts';
import { structured } from '../terminal/structured.ts';
import { clusterCommand, withSession } from './options.ts';

/** `carnival pause NAME…` */
export function pauseCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'pause <name...>',
    summary: 'hold objectives where they are: calls in flight finish, no other begins',
    examples: [
      ['carnival pause tide-chart', 'it keeps its phase; carnival resume lets it go on'],
      ['carnival pause tide-chart boats', 'several; all that run: carnival stop-all'],
    ],
  });
  return changing(command, deps, { change: pauseOne, done: 'paused', left: 'is paused already' });
}

/** `carnival resume NAME…` */
export function resumeCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'resume <name...>',
    summary: 'let paused objectives go on where they were',
    examples: [
      ['carnival resume tide-chart', 'whoever paused it'],
      ['carnival resume tide-chart boats', 'several; all that stop-all paused: carnival resume-all'],
    ],
  });
  return changing(command, deps, { change: resumeOne, done: 'goes on', left: 'is not paused' });
}

interface Changing {
  change: (objective: Objective) => ControlChange | undefined;
  /** What is said of one that was changed, and of one that was left as it is. */
  done: string;
  left: string;
}

/** Changes each that is named, in order; the first that is refused ends it. */
function changing(command: Command, deps: CliDeps, { change, done, left }: Changing): Command {
  return command.action((names: string[]) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal } = deps;
      for (const name of names) {
        const objective = await getObjective(session, name);
        const written = await control(session, objective, change, terminal);
        if (output) terminal.out(structured(written ?? objective, output));
        else terminal.out(written ? `${name} ${done} in ${session.place}` : `${name} ${left}`);
      }
    }),
  );
}
