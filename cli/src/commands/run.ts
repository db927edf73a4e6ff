import { OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { ApiError } from '@dark-carnival/kube';
import type { Command } from 'commander';
import { usageError } from '../cli-error.ts';
import type { ExitCode } from '../exit-codes.ts';
import {
  fromDirective,
  fromFile,
  type ObjectiveManifest,
  type RunFlags,
  requestedBy,
} from '../objective/new-objective.ts';
import { withSuffix } from '../objective/slug.ts';
import { followRun } from '../run/follow-run.ts';
import { carnival, commandLines } from '../run/next-commands.ts';
import type { CliDeps, Session } from '../session/session.ts';
import { structured } from '../terminal/structured.ts';
import { type CommandText, clusterCommand, withSession } from './options.ts';

interface RunOptions extends RunFlags {
  wait?: boolean;
  file?: string;
}

const TEXT: CommandText = {
  usage: 'run [goal]',
  summary: 'state a goal: three seats debate it, you approve the plan, the swarm executes it',
  examples: [
    [
      'carnival run "Plan a tide chart for a small harbour" --wait',
      'debate live, plan, asks: approve / feedback / abort',
    ],
    ['carnival run "Survey open tide data" --role OSINT', 'on a wagon of that role; returns at once'],
    [
      'carnival run -f manifests/samples/tide-chart.yaml --wait',
      'a manifest, or a text file with the goal; - is stdin',
    ],
  ],
};

/** `carnival run "…"` */
export function runCommand(deps: CliDeps, end: (code: ExitCode) => void): Command {
  const command = clusterCommand(TEXT);
  command
    .option('--wait', 'follow it to the end; without a terminal: until it needs a person (exit code 5)')
    .option('--name <name>', 'default: made from the goal')
    .option('--wagon <node>', 'on this wagon')
    .option('--role <role>', 'on a wagon of this role')
    .option('-f, --file <path>', 'read the goal, or an Objective, from a file; - is stdin');
  return command.action(async (goal: string | undefined, options: RunOptions) => {
    const text = await readGoal(deps, goal, options.file);
    await withSession(command, deps, async (session, { output }) => {
      const { terminal } = deps;
      const read = options.file === undefined ? fromDirective : fromFile;
      const manifest = read(text, options, session.namespace);
      const objective = await create(session, deps, manifest, options.name === undefined && options.file === undefined);
      const { name } = objective.metadata;
      if (output && !options.wait) {
        terminal.out(structured(objective, output));
        return;
      }
      terminal.out(`objective ${terminal.paint.bold(name)} created in ${session.place}`);
      if (options.wait) end(await followRun(session, deps, objective));
      else
        terminal.out(
          commandLines([
            ['look', carnival(session, 'status', name)],
            ['plan', carnival(session, 'plan', name)],
          ]),
        );
    });
  });
}

async function readGoal(deps: CliDeps, goal: string | undefined, file: string | undefined): Promise<string> {
  if (goal !== undefined && file !== undefined) throw usageError('give a goal or --file, not both');
  if (file !== undefined) return file === '-' ? deps.readStdin() : deps.readFile(file);
  if (goal === undefined)
    throw usageError('what is the goal? carnival run "Plan a tide chart for a small harbour" --wait');
  return goal;
}

/** A name that was made from the goal may be taken: then it gets a suffix. A name that was given is not changed. */
async function create(
  session: Session,
  { random }: CliDeps,
  manifest: ObjectiveManifest,
  nameIsOurs: boolean,
): Promise<Objective> {
  const wanted = requestedBy(manifest, await session.username());
  const options = { fieldManager: 'carnival', fieldValidation: 'Strict' } as const;
  try {
    return await session.client.create(OBJECTIVES, wanted, options);
  } catch (error) {
    if (!(nameIsOurs && error instanceof ApiError && error.isAlreadyExists)) throw error;
    const name = withSuffix(manifest.metadata.name, random);
    return session.client.create(OBJECTIVES, { ...wanted, metadata: { ...wanted.metadata, name } }, options);
  }
}
