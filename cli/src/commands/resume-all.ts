import { type Command, Option } from 'commander';
import { changeEach, objectivesIn, type Scope, shownName } from '../objective/each-objective.ts';
import { resumeStopped } from '../objective/pausing.ts';
import type { CliDeps } from '../session/session.ts';
import { confirm } from '../terminal/confirm.ts';
import { structured } from '../terminal/structured.ts';
import { clusterCommand, withSession } from './options.ts';

/** `carnival resume-all` */
export function resumeAllCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'resume-all',
    summary: 'let everything go on that stop-all paused; what a person paused stays paused',
    examples: [
      ['carnival resume-all', 'shows them and asks'],
      ['carnival resume-all -A --yes', 'of every namespace, from a script'],
    ],
  });
  command
    .addOption(new Option('-A, --all-namespaces', 'of every namespace').conflicts('namespace'))
    .option('-y, --yes', 'do not ask');
  return command.action((options: Scope & { yes?: boolean }) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal } = deps;
      const change = resumeStopped;
      const affected = (await objectivesIn(session, options)).filter((objective) => change(objective) !== undefined);
      if (affected.length > 0) {
        for (const objective of affected)
          terminal.note(`  ${shownName(objective, options)}  ${objective.status?.phase ?? 'Pending'}`);
        const where = options.allNamespaces
          ? `every namespace of context ${session.config.contextName}`
          : session.place;
        await confirm(terminal, `Let ${affected.length} go on in ${where}?`, options.yes);
      }
      const changed = await changeEach(session, affected, change, terminal);
      if (output) terminal.out(structured(changed, output));
      else terminal.out(changed.length === 0 ? 'nothing is paused by stop-all' : `${changed.length} go on`);
    }),
  );
}
