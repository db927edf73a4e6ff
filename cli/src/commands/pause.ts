import type { Command } from 'commander';
import { control } from '../objective/control.ts';
import { getObjective } from '../objective/get-objective.ts';
import { pauseOne } from '../objective/pausing.ts';
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
  return command.action((names: string[]) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal } = deps;
      for (const name of names) {
        const objective = await getObjective(session, name);
        const written = await control(session, objective, pauseOne, terminal);
        if (output) terminal.out(structured(written ?? objective, output));
        else terminal.out(written ? `${name} paused in ${session.place}` : `${name} is paused already`);
      }
    }),
  );
}
