import { FIELD_MANAGERS, OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import type { Command } from 'commander';
import { CliError, usageError } from '../cli-error.ts';
import type { ExitCode } from '../exit-codes.ts';
import { DONE, decide, openRequest } from '../objective/decide.ts';
import type { Verdict } from '../objective/gate.ts';
import { getObjective } from '../objective/get-objective.ts';
import { warnOfGitOps } from '../objective/gitops-owner.ts';
import { hasEnded } from '../objective/standing.ts';
import { loadPlan } from '../plan/plan-document.ts';
import { followRun } from '../run/follow-run.ts';
import { carnival, commandLines } from '../run/next-commands.ts';
import type { CliDeps, Session } from '../session/session.ts';
import { type OutputFormat, structured } from '../terminal/structured.ts';
import { clusterCommand, withSession } from './options.ts';

type End = (code: ExitCode) => void;

interface DecisionOptions {
  planHash?: string;
  wait?: boolean;
  output?: OutputFormat;
}

const PIN = ['--plan-hash <hash>', 'only if the plan still has this hash (at least 12 digits)'] as const;

/** `carnival approve NAME` */
export function approveCommand(deps: CliDeps, end: End): Command {
  const command = clusterCommand({
    usage: 'approve <name>',
    summary: 'approve the plan that an objective asks about',
    examples: [
      ['carnival approve tide-chart', 'look first: carnival plan tide-chart'],
      ['carnival approve tide-chart --plan-hash sha256:4be1…', 'exactly the plan you read'],
      ['carnival approve tide-chart --wait', 'and follow it to its files'],
    ],
  });
  command.option(...PIN).option('--wait', 'follow it to the end');
  return command.action((name: string, options: DecisionOptions) =>
    withSession(command, deps, (session) => answer(session, deps, name, { decision: 'Approve' }, options, end)),
  );
}

/** `carnival feedback NAME "…"` */
export function feedbackCommand(deps: CliDeps, end: End): Command {
  const command = clusterCommand({
    usage: 'feedback <name> [words]',
    summary: 'send the plan back for another round, with your words injected',
    examples: [
      ['carnival feedback tide-chart "Use UTC, and add the moon"', 'at most five times in its life'],
      ['carnival feedback tide-chart -f notes.md', 'from a file, or - for stdin'],
    ],
  });
  command.option('-f, --file <path>', 'read the words from a file, - is stdin').option(...PIN);
  command.option('--wait', 'follow it on');
  return command.action((name: string, words: string | undefined, options: DecisionOptions & { file?: string }) =>
    withSession(command, deps, async (session) => {
      const feedback = (await readWords(deps, words, options.file)).trim();
      if (feedback === '') throw usageError('feedback needs words: carnival feedback NAME "what the plan misses"');
      await answer(session, deps, name, { decision: 'Feedback', feedback }, options, end);
    }),
  );
}

/** `carnival abort NAME` */
export function abortCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'abort <name>',
    summary: 'stop an objective for ever; what it has made stays in the vault',
    examples: [['carnival abort tide-chart', 'in any phase']],
  });
  return command.action((name: string) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal } = deps;
      const objective = await getObjective(session, name);
      if (hasEnded(objective)) throw new CliError(`${name} has ended already: ${objective.status?.phase}`);
      warnOfGitOps(objective, ['desiredState'], terminal);
      const patch = { type: 'merge', body: { spec: { desiredState: 'Aborted' } } } as const;
      const ref = { name, namespace: session.namespace };
      const aborted = await session.client.patch<Objective>(OBJECTIVES, ref, patch, {
        fieldManager: FIELD_MANAGERS.control,
      });
      terminal.out(output ? structured(aborted, output) : `${name} aborted in ${session.place}`);
    }),
  );
}

async function answer(
  session: Session,
  deps: CliDeps,
  name: string,
  verdict: Verdict,
  { planHash, wait, output }: DecisionOptions,
  end: End,
): Promise<void> {
  const { terminal } = deps;
  const objective = await getObjective(session, name);
  const request = openRequest(objective, planHash);
  // Nobody decides about a plan whose bytes are not what its hash says.
  const { plan } = await loadPlan(session, objective);
  const written = await decide(session, objective, request, verdict, terminal);
  if (output) terminal.out(structured(written, output));
  else {
    terminal.out(`plan ${plan.number} of ${name} ${DONE[verdict.decision]} in ${session.place}`);
    terminal.out(`  ${safeLine(plan.summary, 200)} (${plan.tasks.length} tasks, ${request.planHash})`);
  }
  if (wait) end(await followRun(session, deps, written));
  else if (!output) terminal.out(commandLines([['follow', carnival(session, 'status', name)]]));
}

async function readWords(deps: CliDeps, words: string | undefined, file: string | undefined): Promise<string> {
  if (words !== undefined && file !== undefined) throw usageError('give the words or --file, not both');
  if (words !== undefined) return words;
  if (file === undefined) return '';
  return file === '-' ? deps.readStdin() : deps.readFile(file);
}
