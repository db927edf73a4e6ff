import { type Command, Option } from 'commander';
import { changeEach, objectivesIn, type Scope, shownName } from '../objective/each-objective.ts';
import { stopOne } from '../objective/pausing.ts';
import type { CliDeps } from '../session/session.ts';
import { confirm } from '../terminal/confirm.ts';
import { structured } from '../terminal/structured.ts';
import { clusterCommand, withSession } from './options.ts';

/** `carnival stop-all` */
export function stopAllCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'stop-all',
    summary: 'pause every objective that runs; resume-all lets exactly these go on',
    examples: [
      ['carnival stop-all', 'shows them and asks'],
      ['carnival stop-all -A --yes', 'of every namespace, from a script'],
    ],
  });
  command
    .addOption(new Option('-A, --all-namespaces', 'of every namespace').conflicts('namespace'))
    .option('-y, --yes', 'do not ask');
  return command.action((options: Scope & { yes?: boolean }) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal, clock } = deps;
      const at = new Date(clock.now()).toISOString();
      const change = (objective: Parameters<typeof stopOne>[0]) => stopOne(objective, at);
      const affected = (await objectivesIn(session, options)).filter((objective) => change(objective) !== undefined);
      if (affected.length > 0) {
        for (const objective of affected)
          terminal.note(`  ${shownName(objective, options)}  ${objective.status?.phase ?? 'Pending'}`);
        const where = options.allNamespaces
          ? `every namespace of context ${session.config.contextName}`
          : session.place;
        await confirm(terminal, `Pause ${affected.length} in ${where}?`, options.yes);
      }
      const changed = await changeEach(session, affected, change, terminal);
      if (output) terminal.out(structured(changed, output));
      else
        terminal.out(
          changed.length === 0 ? 'nothing runs' : `${changed.length} paused: carnival resume-all lets them go on`,
        );
    }),
  );
}
