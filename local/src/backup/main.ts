import { statSync } from 'node:fs';
import { type Clock, systemClock } from '@dark-carnival/crds/clock';
import { BackupError } from './backup-error.ts';
import { BACKUP_HELP, type BackupOptions, parseBackupOptions } from './options.ts';
import { restoreBackup } from './restore-backup.ts';
import { writeBackup } from './write-backup.ts';

/** `carnival backup` and `carnival restore`: the only reader of this process's environment and arguments. */
async function main(clock: Clock): Promise<void> {
  const { command, options } = parseBackupOptions(process.argv.slice(2), process.env);
  process.stdout.write(options === 'help' ? BACKUP_HELP[command] : await run(options, clock));
}

async function run(options: Exclude<BackupOptions, 'help'>, clock: Clock): Promise<string> {
  if (options.command === 'restore') {
    const { objects, files, madeAt, keptAside } = restoreBackup(options, clock);
    const aside = keptAside === undefined ? '' : `what was there is now ${keptAside}\n`;
    return `restored ${objects} objects and ${files} files, backed up at ${madeAt}, into ${options.data}\n${aside}`;
  }
  const stamp = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
  const result = await writeBackup({ ...options, file: options.file ?? `carnival-${stamp}.backup` }, clock);
  const { file, files, passedOver } = result;
  const note =
    passedOver.length === 0
      ? ''
      : `left out, since their wagons run: ${passedOver.join(', ')} (after a restore, work that is now in progress is asked again)\n`;
  const MiB = (statSync(file).size / 1_048_576).toFixed(1);
  return `${file} (${MiB} MiB, revision ${result.revision}, ${files} files); it holds secrets\n${note}`;
}

// The channel to the starter of an old Node (cli/bin/carnival.mjs) must not keep us alive.
process.channel?.unref();
main(systemClock).catch((error: unknown) => {
  const line = (error instanceof Error ? error.message : String(error)).split('\n').join(' ');
  process.stderr.write(`carnival: ${line}\n`);
  process.exitCode = error instanceof BackupError ? error.exitCode : 1;
});
