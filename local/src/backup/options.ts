import { parseArgs } from 'node:util';
import { BackupError } from './backup-error.ts';

/** What the command line asks for. */
export type BackupOptions =
  | 'help'
  | { command: 'backup'; data: string; file: string | undefined; force: boolean }
  | { command: 'restore'; data: string; file: string; force: boolean };

type Command = 'backup' | 'restore';

const COMMON = `  --data DIR   data folder (default: $CARNIVAL_DATA, else .carnival)
  --force      `;

/** `--help` of each command. */
export const BACKUP_HELP: Readonly<Record<Command, string>> = {
  backup: `Usage: carnival backup [options] [FILE]

Copies everything that this machine's engine keeps into one file: objects, plans, Secrets, certificates, token, and the wagons' vaults.
Nothing has to stop for it. FILE is by default carnival-<time>.backup, here. It holds secrets: keep it as you keep keys.

Options:
${COMMON}replaces FILE where it exists
  -h, --help   this text

Exit codes: 0 done   1 error   2 usage

Examples:
  $ carnival backup
  $ carnival backup /mnt/nas/carnival-monday.backup --data /srv/carnival
`,
  restore: `Usage: carnival restore [options] FILE

Brings a backup back, on this machine or another. Refused while the engine runs. The backup is checked first; a data folder that is
there is replaced with --force only, and kept aside under another name.

Options:
${COMMON}replaces a data folder that holds data
  -h, --help   this text

Exit codes: 0 done   1 error   2 usage

Examples:
  $ carnival restore carnival-20261124T090000Z.backup
  $ carnival restore /mnt/nas/carnival-monday.backup --data /srv/carnival --force
`,
};

const FLAGS = { data: { type: 'string' }, force: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

/** Reads the command line, the command's name first. @throws BackupError with exit code 2 */
export function parseBackupOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): { command: Command; options: BackupOptions } {
  const [command, ...rest] = args;
  if (command !== 'backup' && command !== 'restore') throw new BackupError('the command is backup or restore', 2);
  const { values, positionals } = parse(command, rest);
  if (values.help) return { command, options: 'help' };
  const [file, ...more] = positionals;
  if (more.length > 0) throw new BackupError(`one FILE, not ${positionals.length}: carnival ${command} --help`, 2);
  const data = values.data ?? (env['CARNIVAL_DATA'] || '.carnival');
  const force = values.force === true;
  if (command === 'backup') return { command, options: { command, data, file, force } };
  if (file === undefined) throw new BackupError('which FILE? carnival restore --help', 2);
  return { command, options: { command, data, file, force } };
}

function parse(command: Command, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: true });
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new BackupError(`${line.split('. To specify')[0]} (carnival ${command} --help lists what there is)`, 2);
  }
}
