import type { BroadcastAnswer, BroadcastRequest } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import type { Command } from 'commander';
import { CliError, usageError } from '../cli-error.ts';
import { carnival, commandLines } from '../run/next-commands.ts';
import type { CliDeps } from '../session/session.ts';
import { confirm } from '../terminal/confirm.ts';
import { structured } from '../terminal/structured.ts';
import { table } from '../terminal/table.ts';
import { clusterCommand, withSession } from './options.ts';

interface BroadcastOptions {
  event?: string;
  role?: string;
  dryRun?: boolean;
  yes?: boolean;
}

/** `carnival broadcast "…"` */
export function broadcastCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'broadcast <goal>',
    summary: 'a global event: the same goal for every wagon, as one objective each',
    examples: [
      ['carnival broadcast "Report what you can do"', 'shows what would be made, and asks'],
      ['carnival broadcast "Report what you can do" --dry-run', 'shows it, and makes nothing'],
      ['carnival broadcast "Look around" --role OSINT --event sweep-1 --yes', 'said again, it makes nothing twice'],
    ],
  });
  command
    .option('--role <role>', 'only wagons of this role')
    .option('--event <name>', 'groups them: label darkcarnival.dev/event; default: made from the goal')
    .option('--dry-run', 'only show what would be made')
    .option('-y, --yes', 'do not ask');
  return command.action((goal: string, options: BroadcastOptions) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal } = deps;
      const asked = requestOf(goal, options);
      const planned = await session.hub().broadcast({ ...asked, dry_run: true });
      const show = (answer: BroadcastAnswer) => terminal.out(output ? structured(answer, output) : listed(answer));
      if (options.dryRun) return show(planned);
      if (!options.yes) terminal.note(listed(planned));
      const question = `Make ${planned.objectives.length} objectives in ${session.place}?`;
      await confirm(terminal, question, options.yes);
      const made = await session.hub().broadcast({ ...asked, event: planned.event, dry_run: false });
      show(made);
      requireAll(made, carnival(session, 'broadcast', goal, '--event', made.event));
      if (!output) terminal.out(commandLines([['look', carnival(session, 'status')]]));
    }),
  );
}

function requestOf(goal: string, { event, role }: BroadcastOptions): Omit<BroadcastRequest, 'dry_run'> {
  const objective = goal.trim();
  if (objective === '') throw usageError('the goal is empty: carnival broadcast "Report what you can do"');
  return { objective, ...(event === undefined ? {} : { event }), ...(role === undefined ? {} : { role }) };
}

/** @throws CliError where some of an event could not be made. */
function requireAll({ objectives }: BroadcastAnswer, again: string): void {
  const failed = objectives.filter(({ outcome }) => outcome === 'Failed').length;
  if (failed > 0) throw new CliError(`${failed} could not be made; what is there stays: ${again} makes the rest`);
}

function listed({ event, objectives, skipped }: BroadcastAnswer): string {
  const rows = objectives.map(({ wagon, name, outcome, message = '' }) =>
    [wagon, name, outcome, message].map((cell) => safeLine(cell, 200)),
  );
  const left = skipped.map(({ wagon, why }) => `without ${safeLine(wagon, 63)}: ${safeLine(why, 200)}`);
  return [`event ${safeLine(event, 63)}`, table(['WAGON', 'OBJECTIVE', 'OUTCOME', ''], rows), ...left].join('\n');
}
