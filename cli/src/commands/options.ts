import { Command, InvalidArgumentError, Option } from 'commander';
import { type CliDeps, type ConnectionOptions, Session } from '../session/session.ts';
import { OUTPUT_FORMATS } from '../terminal/structured.ts';

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function namespace(text: string): string {
  if (!NAMESPACE.test(text)) throw new InvalidArgumentError('a namespace has small letters, digits and dashes.');
  return text;
}

export interface CommandText {
  /** Name and arguments, as commander spells them. */
  usage: string;
  /** One line. */
  summary: string;
  /** Command lines with a remark each. */
  examples: readonly (readonly [command: string, remark: string])[];
}

/** A command with the options that all have, and with its examples in --help. */
export function clusterCommand({ usage, summary, examples }: CommandText): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, remark]) => `  $ ${remark === '' ? line : `${line.padEnd(width)}  # ${remark}`}`);
  const [name = '', ...args] = usage.split(' ');
  const command = new Command(name).summary(summary).description(summary);
  for (const argument of args) command.argument(argument);
  return addConnectionOptions(command).addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** Where to go and how to answer: taken before and after the command's name. */
export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(new Option('-n, --namespace <name>', "default: the context's").argParser(namespace))
    .addOption(new Option('-o, --output <format>', 'for programs').choices([...OUTPUT_FORMATS]))
    .option('--kubeconfig <file>', 'default: KUBECONFIG, ./.carnival/kubeconfig, ~/.kube/config')
    .option('--context <name>', "default: the kubeconfig's")
    .option('--hub <url>', "default: RINGMASTER_URL, else the kubeconfig's")
    .option('--hub-fingerprint <sha256>', "of its certificate; default: RINGMASTER_FINGERPRINT, else the kubeconfig's");
}

/** Runs an action on a session, and ends the session whatever happens. */
export async function withSession<T>(
  command: Command,
  deps: CliDeps,
  act: (session: Session, options: ConnectionOptions) => Promise<T>,
): Promise<T> {
  const options = command.optsWithGlobals<ConnectionOptions>();
  const session = new Session(options, deps);
  try {
    return await act(session, options);
  } finally {
    await session.close();
  }
}
