import { safeLine } from '@dark-carnival/crds/text';
import { Command, CommanderError } from 'commander';
import { usageError } from './cli-error.ts';
import { broadcastCommand } from './commands/broadcast.ts';
import { completeCommand } from './commands/complete.ts';
import { completionCommand } from './commands/completion.ts';
import { abortCommand, approveCommand, feedbackCommand } from './commands/decisions.ts';
import { doctorCommand } from './commands/doctor.ts';
import { joinTokenCommand } from './commands/join-token.ts';
import { LOCAL_COMMANDS } from './commands/local-commands.ts';
import { notYet } from './commands/not-yet.ts';
import { openCommand } from './commands/open.ts';
import { addConnectionOptions } from './commands/options.ts';
import { pauseCommand, resumeCommand } from './commands/pause.ts';
import { planCommand } from './commands/plan.ts';
import { logsCommand, transcriptCommand } from './commands/reading.ts';
import { rerunCommand } from './commands/rerun.ts';
import { retryCommand } from './commands/retry.ts';
import { runCommand } from './commands/run.ts';
import { statusCommand } from './commands/status.ts';
import { resumeAllCommand, stopAllCommand } from './commands/stop-all.ts';
import { vaultCommand } from './commands/vault.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { explainError } from './explain-error.ts';
import type { CliDeps } from './session/session.ts';
import { VERSION } from './version.ts';

/**
 * Runs one command line (without `node` and the program's own name).
 * @returns the exit code. Never throws: whatever goes wrong is one line on stderr.
 */
export async function runProgram(args: readonly string[], deps: CliDeps): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  try {
    await buildProgram(deps, (ended) => {
      code = ended;
    }).parseAsync([...args], { from: 'user' });
    return deps.interrupted.aborted && code === EXIT.done ? EXIT.interrupted : code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (deps.interrupted.aborted) return EXIT.interrupted;
    const { line, exitCode } = explainError(error);
    deps.terminal.note(`${deps.terminal.paint.red('error:')} ${line}`);
    return exitCode;
  }
}

function buildProgram(deps: CliDeps, end: (code: ExitCode) => void): Command {
  const { terminal } = deps;
  const program = new Command('carnival')
    .description('The Dark Carnival Protocol: state a goal, hear it debated, approve the plan, collect the files')
    .version(VERSION)
    .usage('[options] <command>')
    .enablePositionalOptions()
    .addHelpText('after', HELP);
  addConnectionOptions(program);
  // Run before this program is built (bin/carnival.mjs): here for --help.
  for (const [name, summary] of LOCAL_COMMANDS) {
    program.addCommand(new Command(name).summary(summary).argument('[options...]'));
  }
  for (const command of [
    runCommand(deps, end),
    statusCommand(deps),
    planCommand(deps),
    approveCommand(deps, end),
    feedbackCommand(deps, end),
    abortCommand(deps),
    pauseCommand(deps),
    resumeCommand(deps),
    retryCommand(deps, end),
    rerunCommand(deps, end),
    broadcastCommand(deps),
    stopAllCommand(deps),
    resumeAllCommand(deps),
    transcriptCommand(deps),
    logsCommand(deps),
    vaultCommand(deps),
    openCommand(deps),
    joinTokenCommand(deps),
    doctorCommand(deps, end),
    completionCommand(deps),
  ]) {
    program.addCommand(command);
  }
  program.addCommand(completeCommand(deps, program), { hidden: true });
  // Whatever follows an unknown command, it is the command that gets the hint.
  program.allowExcessArguments().allowUnknownOption().argument('[command]');
  program.action((name: string | undefined) => {
    if (name === undefined) return program.outputHelp();
    throw usageError(notYet(name) ?? `there is no command ${safeLine(name, 40)}: carnival --help lists them`);
  });
  forEach(program, (command) =>
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
    }),
  );
  return program;
}

function forEach(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) forEach(child, visit);
}

const HELP = `
Exit codes:
  0 done   1 error   2 usage   3 failed or expired   4 aborted   5 waits for a person

Examples:
  $ npm start                                                            # everything on this machine
  $ carnival run "Plan a tide chart for a small harbour" --wait          # debate, plan, your decision, files
  $ carnival status                                                      # wagons and objectives
  $ carnival vault ls                                                    # what was made`;
