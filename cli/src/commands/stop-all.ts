import type { Objective } from '@dark-carnival/crds';
import { type Command, Option } from 'commander';
import type { ControlChange } from '../objective/control.ts';
import { changeEach, objectivesIn, type Scope, shownName } from '../objective/each-objective.ts';
import { resumeStopped, stopOne } from '../objective/pausing.ts';
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
  return changingAll(command, deps, {
    change: stopOne,
    question: (count) => `Pause ${count}`,
    done: (count) => `${count} paused: carnival resume-all lets them go on`,
    none: 'nothing runs',
  });
}

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
  return changingAll(command, deps, {
    change: resumeStopped,
    question: (count) => `Let ${count} go on`,
    done: (count) => `${count} go on`,
    none: 'nothing is paused by stop-all',
  });
}

interface ChangingAll {
  /** Undefined for one that is to be left as it is. `at` is now, in RFC 3339. */
  change: (objective: Objective, at: string) => ControlChange | undefined;
  /** Asked before anything is changed; where, is added. */
  question: (count: number) => string;
  done: (count: number) => string;
  none: string;
}

/** Shows all that would be changed, asks, and changes them. */
function changingAll(command: Command, deps: CliDeps, { change, question, done, none }: ChangingAll): Command {
  command
    .addOption(new Option('-A, --all-namespaces', 'of every namespace').conflicts('namespace'))
    .option('-y, --yes', 'do not ask');
  return command.action((options: Scope & { yes?: boolean }) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal, clock } = deps;
      const at = new Date(clock.now()).toISOString();
      const changeNow = (objective: Objective) => change(objective, at);
      const affected = (await objectivesIn(session, options)).filter((objective) => changeNow(objective) !== undefined);
      for (const objective of affected)
        terminal.note(`  ${shownName(objective, options)}  ${objective.status?.phase ?? 'Pending'}`);
      const where = options.allNamespaces ? `every namespace of context ${session.config.contextName}` : session.place;
      if (affected.length > 0) await confirm(terminal, `${question(affected.length)} in ${where}?`, options.yes);
      const changed = await changeEach(session, affected, changeNow, terminal);
      if (output) terminal.out(structured(changed, output));
      else terminal.out(changed.length === 0 ? none : done(changed.length));
    }),
  );
}
