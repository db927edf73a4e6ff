import { OBJECTIVES } from '@dark-carnival/crds';
import type { Command } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import { freshCopy } from '../objective/fresh-copy.ts';
import { getObjective } from '../objective/get-objective.ts';
import { requestedBy } from '../objective/new-objective.ts';
import { followRun } from '../run/follow-run.ts';
import { carnival, commandLines } from '../run/next-commands.ts';
import type { CliDeps } from '../session/session.ts';
import { structured } from '../terminal/structured.ts';
import { clusterCommand, withSession } from './options.ts';

/** `carnival rerun NAME` */
export function rerunCommand(deps: CliDeps, end: (code: ExitCode) => void): Command {
  const command = clusterCommand({
    usage: 'rerun <name>',
    summary: 'the goal of an ended objective once more, as a new one with a name of its own',
    examples: [
      ['carnival rerun tide-chart', 'everything anew; what it made before stays'],
      ['carnival rerun tide-chart --name tide-chart-2 --wait', 'under this name, and follow it'],
    ],
  });
  command.option('--name <name>', 'default: the old one with a suffix').option('--wait', 'follow it to the end');
  return command.action((name: string, options: { name?: string; wait?: boolean }) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal, random } = deps;
      const ended = await getObjective(session, name);
      const manifest = requestedBy(freshCopy(ended, { name: options.name, random }), await session.username());
      const made = await session.client.create(OBJECTIVES, manifest, {
        fieldManager: 'carnival',
        fieldValidation: 'Strict',
      });
      const fresh = made.metadata.name;
      terminal.out(
        output
          ? structured(made, output)
          : `objective ${terminal.paint.bold(fresh)} created in ${session.place}: a fresh copy of ${name}`,
      );
      if (options.wait) end(await followRun(session, deps, made));
      else if (!output) terminal.out(commandLines([['look', carnival(session, 'status', fresh)]]));
    }),
  );
}
