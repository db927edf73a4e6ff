import { safeLine } from '@dark-carnival/crds/text';
import type { Command } from 'commander';
import { getObjective } from '../objective/get-objective.ts';
import { transcriptText } from '../objective/transcript-text.ts';
import { eventLine } from '../run/event-line.ts';
import { followLiveEvents } from '../run/live-events.ts';
import { readRecentEvents } from '../run/recent-events.ts';
import type { CliDeps } from '../session/session.ts';
import { structured } from '../terminal/structured.ts';
import { clusterCommand, withSession } from './options.ts';

/** `carnival transcript NAME` */
export function transcriptCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'transcript <name>',
    summary: 'the whole debate of an objective, every turn in full',
    examples: [
      ['carnival transcript tide-chart', 'to read'],
      ['carnival transcript tide-chart -o json', 'for programs'],
    ],
  });
  return command.action((name: string) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal } = deps;
      await getObjective(session, name);
      const transcript = await session.hub().transcript(name);
      terminal.out(output ? structured(transcript, output) : transcriptText(transcript, terminal.paint));
    }),
  );
}

/** `carnival logs NAME` */
export function logsCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'logs <name>',
    summary: 'what the wagons say while they work on an objective',
    examples: [
      ['carnival logs tide-chart', 'what is still held; older words: carnival transcript'],
      ['carnival logs tide-chart -f', 'and what comes, until Ctrl-C'],
      ['carnival logs tide-chart -f -o json', 'one event per line'],
    ],
  });
  command.option('-f, --follow', 'go on until Ctrl-C');
  return command.action((name: string, { follow }: { follow?: boolean }) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal, clock, random, interrupted: signal } = deps;
      await getObjective(session, name);
      const hub = session.hub();
      const print = (event: Parameters<typeof eventLine>[0]) => {
        const line = output ? JSON.stringify(JSON.parse(structured(event, 'json'))) : eventLine(event, terminal.paint);
        if (line !== undefined) terminal.out(line);
      };
      if (follow) {
        const onAway = (error: unknown) =>
          terminal.note(safeLine(error instanceof Error ? error.message : String(error)));
        await followLiveEvents({ hub, objective: name, clock, random, signal, onEvent: print, onAway });
        return;
      }
      const events = await readRecentEvents({ hub, objective: name, clock, signal });
      if (events.length === 0)
        terminal.note(`no events of ${name} are held now: carnival transcript ${name} has the debate`);
      for (const event of events) print(event);
    }),
  );
}
