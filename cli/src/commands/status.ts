import { type NodeView, OBJECTIVES, type Objective, WAGONS, type Wagon } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import type { Command } from 'commander';
import { detailText } from '../objective/detail.ts';
import { getObjective } from '../objective/get-objective.ts';
import { overviewText } from '../objective/overview.ts';
import { queuePositions } from '../objective/standing.ts';
import { decisionCommands, retryCommand } from '../run/next-commands.ts';
import type { CliDeps, Session } from '../session/session.ts';
import { type OutputFormat, structured } from '../terminal/structured.ts';
import { clusterCommand, withSession } from './options.ts';

/** `carnival status [NAME]` */
export function statusCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'status [name]',
    summary: 'wagons and objectives at a glance, or one objective in detail',
    examples: [
      ['carnival status', 'everything in the namespace'],
      ['carnival status tide-chart', 'one, with debate, decisions and tasks'],
      ['carnival status -o json | jq .objectives', 'for programs'],
    ],
  });
  return command.action((name: string | undefined) =>
    withSession(command, deps, async (session, { output }) => {
      if (name === undefined) await overview(session, deps, output);
      else await detail(session, deps, name, output);
    }),
  );
}

async function overview(
  session: Session,
  { terminal, clock }: CliDeps,
  output: OutputFormat | undefined,
): Promise<void> {
  const { client, namespace } = session;
  const [wagons, objectives, nodes] = await Promise.all([
    client.list<Wagon>(WAGONS, { namespace }),
    client.list<Objective>(OBJECTIVES, { namespace }),
    askNodes(session),
  ]);
  const shown = { wagons: wagons.items, objectives: objectives.items, nodes: nodes.views };
  if (output) {
    const queue = Object.fromEntries(queuePositions(objectives.items));
    terminal.out(structured({ ...shown, queue }, output));
    return;
  }
  terminal.out(overviewText(shown, clock.now(), terminal.paint));
  if (nodes.problem) terminal.note(`\nwithout heartbeats: ${nodes.problem}`);
}

/** The hub knows how fresh a wagon is; the overview is worth having without. */
async function askNodes(session: Session): Promise<{ views?: NodeView[]; problem?: string }> {
  try {
    return { views: await session.hub().nodes() };
  } catch (error) {
    return { problem: safeLine(error instanceof Error ? error.message : String(error)) };
  }
}

async function detail(
  session: Session,
  { terminal, clock }: CliDeps,
  name: string,
  output: OutputFormat | undefined,
): Promise<void> {
  const objective = await getObjective(session, name);
  if (output) {
    terminal.out(structured(objective, output));
    return;
  }
  const { items } = await session.client.list<Objective>(OBJECTIVES, { namespace: session.namespace });
  terminal.out(detailText(objective, queuePositions(items).get(name), clock.now(), terminal.paint));
  const { phase, approvalRequest } = objective.status ?? {};
  if (approvalRequest) terminal.out(`\nwaits for a person:\n${decisionCommands(session, objective)}`);
  const retry = phase === 'Failed' || phase === 'Expired' ? retryCommand(session, objective) : undefined;
  if (retry) terminal.out(`\ntry again:\n  ${retry}`);
}
