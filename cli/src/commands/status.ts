import { type NodeView, OBJECTIVES, type Objective, WAGONS, type Wagon } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import type { Command } from 'commander';
import { detailText } from '../objective/detail.ts';
import { getObjective } from '../objective/get-objective.ts';
import { overviewText } from '../objective/overview.ts';
import { queuePositions } from '../objective/standing.ts';
import { familyOf, treeText } from '../objective/tree.ts';
import { decisionCommands, retryLine } from '../run/next-commands.ts';
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
      ['carnival status --tree', 'wagons, the objectives that they host, and their tasks'],
      ['carnival status -o json | jq .objectives', 'for programs'],
    ],
  });
  command.option('--tree', 'wagons, the objectives that they host, and their tasks, as a tree');
  return command.action((name: string | undefined, { tree }: { tree?: boolean }) =>
    withSession(command, deps, async (session, { output }) => {
      if (tree) await showTree(session, deps, name);
      else if (name === undefined) await overview(session, deps, output);
      else await detail(session, deps, name, output);
    }),
  );
}

/** Structure is for people; `-o` of the overview has the same facts for programs. */
async function showTree(session: Session, { terminal }: CliDeps, name: string | undefined): Promise<void> {
  const { client, namespace } = session;
  const [wagons, objectives] = await Promise.all([
    client.list<Wagon>(WAGONS, { namespace }),
    client.list<Objective>(OBJECTIVES, { namespace }),
  ]);
  const root = name === undefined ? undefined : await getObjective(session, name);
  const shown = root ? familyOf(root, objectives.items) : objectives.items;
  const hosts = root ? wagons.items.filter(({ metadata }) => metadata.name === root.status?.wagonName) : wagons.items;
  terminal.out(treeText({ wagons: hosts, objectives: shown }, terminal.paint));
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
  if (phase === 'Failed' || phase === 'Expired') terminal.out(`\ntry again:\n  ${retryLine(session, objective)}`);
}
