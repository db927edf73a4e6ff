import type { Objective } from '@dark-carnival/crds';
import { sleep } from '@dark-carnival/crds/clock';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { ExitCode } from '../exit-codes.ts';
import { control } from '../objective/control.ts';
import { getObjective } from '../objective/get-objective.ts';
import { money, type RaisedBudget, retryOne, whatRunsAgain, wholeNumber } from '../objective/retrying.ts';
import { followRun } from '../run/follow-run.ts';
import { carnival, commandLines } from '../run/next-commands.ts';
import type { CliDeps, Session } from '../session/session.ts';
import { structured } from '../terminal/structured.ts';
import { clusterCommand, withSession } from './options.ts';

/** How long the controller has to act on it, and how often that is looked for. */
const TAKEN_UP_MS = 30_000;
const LOOK_MS = 250;

interface RetryOptions {
  maxTokens?: string;
  maxCostUsd?: string;
  maxDuration?: string;
  wait?: boolean;
}

/** `carnival retry NAME` */
export function retryCommand(deps: CliDeps, end: (code: ExitCode) => void): Command {
  const command = clusterCommand({
    usage: 'retry <name>',
    summary: 'another try: failed tasks run again, a failed debate starts again, an expired plan is asked about again',
    examples: [
      ['carnival retry tide-chart', 'what succeeded is kept'],
      ['carnival retry tide-chart --max-tokens 200000', 'and raise the limit that it reached'],
      ['carnival retry tide-chart --wait', 'and follow it'],
    ],
  });
  command
    .option('--max-tokens <count>', 'raise the limit of tokens to this')
    .option('--max-cost-usd <dollars>', 'raise the limit of cost to this')
    .option('--max-duration <seconds>', 'raise the limit of time to this')
    .option('--wait', 'follow it to the end');
  return command.action((name: string, options: RetryOptions) => {
    const raised = raisedBudget(options);
    return withSession(command, deps, async (session, { output }) => {
      const { terminal } = deps;
      const objective = await getObjective(session, name);
      const again = whatRunsAgain(objective);
      const written = await control(session, objective, (seen) => retryOne(seen, raised), terminal);
      if (!written) return;
      terminal.out(output ? structured(written, output) : `${name}: ${again}, in ${session.place}`);
      if (options.wait) end(await followRun(session, deps, await takenUp(session, deps, written)));
      else if (!output) terminal.out(commandLines([['follow', carnival(session, 'status', name)]]));
    });
  });
}

/** The Objective once the controller has acted on the retry: before that it still looks like an end. */
async function takenUp(session: Session, { clock, interrupted }: CliDeps, asked: Objective): Promise<Objective> {
  const { name } = asked.metadata;
  const wanted = asked.spec?.retry ?? 0;
  for (let waitedMs = 0; waitedMs < TAKEN_UP_MS && !interrupted.aborted; waitedMs += LOOK_MS) {
    const objective = await getObjective(session, name);
    if ((objective.status?.retriesTaken ?? 0) >= wanted) return objective;
    await sleep(clock, LOOK_MS, interrupted);
  }
  throw new CliError(`${name} was asked to try again, and nobody has begun: does a Ringmaster lead? carnival doctor`);
}

function raisedBudget({ maxTokens, maxCostUsd, maxDuration }: RetryOptions): RaisedBudget {
  return {
    ...(maxTokens === undefined ? {} : { maxTokens: wholeNumber('--max-tokens', maxTokens) }),
    ...(maxCostUsd === undefined ? {} : { maxCostUSD: money('--max-cost-usd', maxCostUsd) }),
    ...(maxDuration === undefined ? {} : { maxDurationSeconds: wholeNumber('--max-duration', maxDuration) }),
  };
}
