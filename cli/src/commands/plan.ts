import type { Command } from 'commander';
import { interventionFor, kubectlDecision } from '../objective/gate.ts';
import { getObjective } from '../objective/get-objective.ts';
import { whyNothingToDecide } from '../objective/standing.ts';
import { loadPlan } from '../plan/plan-document.ts';
import { planView } from '../plan/plan-view.ts';
import { decisionCommands } from '../run/next-commands.ts';
import type { CliDeps } from '../session/session.ts';
import { structured } from '../terminal/structured.ts';
import { clusterCommand, withSession } from './options.ts';

/** `carnival plan NAME` */
export function planCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'plan <name>',
    summary: 'the whole plan, its hash (checked against its bytes), its forecast, and how to approve it',
    examples: [
      ['carnival plan tide-chart', 'ends with the kubectl patch that approves it'],
      ['carnival plan tide-chart -o json', 'plan, hash and open request for programs'],
    ],
  });
  return command.action((name: string) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal } = deps;
      const objective = await getObjective(session, name);
      const document = await loadPlan(session, objective);
      const request = objective.status?.approvalRequest;
      if (output) {
        terminal.out(structured({ ...document, approvalRequest: request }, output));
        return;
      }
      terminal.out(planView(document, objective, terminal));
      if (!request) {
        terminal.out(`\n${whyNothingToDecide(objective)}`);
        return;
      }
      const approval = interventionFor(request, { decision: 'Approve' }, await session.username());
      terminal.out(`\nto decide:\n${decisionCommands(session, objective)}`);
      terminal.out(`\nor approve it with kubectl:\n  ${kubectlDecision(name, approval, session.kubectlPlace)}`);
    }),
  );
}
