import type { Command } from 'commander';
import { control } from '../objective/control.ts';
import { getObjective } from '../objective/get-objective.ts';
import { resumeOne } from '../objective/pausing.ts';
import type { CliDeps } from '../session/session.ts';
import { structured } from '../terminal/structured.ts';
import { clusterCommand, withSession } from './options.ts';

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
  return command.action((names: string[]) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal } = deps;
      for (const name of names) {
        const objective = await getObjective(session, name);
        const written = await control(session, objective, resumeOne, terminal);
        if (output) terminal.out(structured(written ?? objective, output));
        else terminal.out(written ? `${name} goes on in ${session.place}` : `${name} is not paused`);
      }
    }),
  );
}
