import { Argument, Command } from 'commander';
import { completionScript, SHELLS, type Shell } from '../completion/scripts.ts';
import type { CliDeps } from '../session/session.ts';

const EXAMPLES = `
Examples:
  $ source <(carnival completion bash)     # in this bash
  $ source <(carnival completion zsh)      # in this zsh
  $ carnival completion fish | source      # in this fish
  The script says how to keep it.`;

/** `carnival completion SHELL` */
export function completionCommand({ terminal }: CliDeps): Command {
  return new Command('completion')
    .summary('a script that completes commands, options, and the names of objectives, wagons and files')
    .description('a script that completes commands, options, and the names of objectives, wagons and files')
    .addArgument(new Argument('<shell>', 'whose').choices([...SHELLS]))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => terminal.out(completionScript(shell)));
}
