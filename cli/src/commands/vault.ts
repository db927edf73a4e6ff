import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { safeLine, safeText } from '@dark-carnival/crds/text';
import type { Command } from 'commander';
import { Command as Group } from 'commander';
import { CliError, usageError } from '../cli-error.ts';
import type { HubClient } from '../hub/hub-client.ts';
import type { CliDeps } from '../session/session.ts';
import { byteSize } from '../terminal/age.ts';
import { structured } from '../terminal/structured.ts';
import { findFile, type VaultFile } from '../vault/file-reference.ts';
import { vaultTable } from '../vault/vault-table.ts';
import { clusterCommand, withSession } from './options.ts';

/** `carnival vault ls|cat|get|rm` */
export function vaultCommand(deps: CliDeps): Command {
  const group = new Group('vault')
    .summary('the files that the swarm has made')
    .description(
      'the files that the swarm has made\n\nFILE is node/objective/path, or objective/path where only one wagon has it.',
    );
  for (const command of [lsCommand, catCommand, getCommand, rmCommand]) group.addCommand(command(deps));
  return group;
}

function lsCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'ls [node]',
    summary: 'list the files of all wagons, or of one',
    examples: [
      ['carnival vault ls', 'all'],
      ['carnival vault ls LXC-CORE', 'one wagon'],
    ],
  });
  return command.action((node: string | undefined) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal, clock } = deps;
      const list = await session.hub().vault(node);
      terminal.out(output ? structured(list, output) : vaultTable(list, clock.now()));
      for (const { node: silent, message } of list.unreachable) {
        terminal.note(`wagon ${safeLine(silent, 63)} could not be asked: ${safeLine(message, 200)}`);
      }
    }),
  );
}

function catCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'cat <file>',
    summary: 'print a file; a pipe gets its exact bytes, a terminal gets no control characters',
    examples: [['carnival vault cat lxc-core/tide-chart/chart.md', '']],
  });
  return command.action((reference: string) =>
    withSession(command, deps, async (session) => {
      const { terminal } = deps;
      const { bytes } = await fetchFile(session.hub(), reference);
      if (terminal.isTerminal) terminal.out(safeText(new TextDecoder().decode(bytes)).replace(/\n$/, ''));
      else terminal.raw(bytes);
    }),
  );
}

function getCommand(deps: CliDeps): Command {
  const command = new Group('get').summary('save a file').description('save a file').argument('<file>');
  const withoutOutput = clusterCommand({ usage: 'get <file>', summary: '', examples: [['', '']] });
  for (const option of withoutOutput.options) if (option.long !== '--output') command.addOption(option);
  command
    .option('-o, --output <path>', 'where to; default: its own name, here')
    .option('--force', 'replace what is there')
    .addHelpText('after', '\nExamples:\n  $ carnival vault get lxc-core/tide-chart/chart.md -o chart.md');
  return command.action((reference: string, { output, force }: { output?: string; force?: boolean }) =>
    withSession(command, deps, async (session) => {
      const { file, bytes } = await fetchFile(session.hub(), reference);
      // The name comes from a wagon: only its last part counts.
      const path = resolve(deps.cwd, output ?? basename(file.file));
      if (existsSync(path) && !force) throw usageError(`${path} exists: choose another with -o, or give --force`);
      save(path, bytes);
      deps.terminal.out(`${path} (${byteSize(bytes.length)})`);
    }),
  );
}

function rmCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'rm <file>',
    summary: "move a file to its wagon's trash, where it is kept for 24 hours",
    examples: [['carnival vault rm lxc-core/tide-chart/chart.md', '']],
  });
  return command.action((reference: string) =>
    withSession(command, deps, async (session) => {
      const hub = session.hub();
      const { node, file } = findFile(await hub.vault(), reference);
      await hub.deleteFile(node, file);
      deps.terminal.out(`${node}/${safeLine(file, 255)} removed by ${hub.url} (kept in the trash for 24 h)`);
    }),
  );
}

/** Transcripts lie in a hidden folder that no list shows: a full reference is asked for as it stands. */
async function fetchFile(hub: HubClient, reference: string): Promise<{ file: VaultFile; bytes: Uint8Array }> {
  const file = findFile(await hub.vault(), reference);
  const bytes = await hub.file(file.node, file.file);
  const sha256 = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (sha256 !== file.sha256) {
    throw new CliError(
      `${file.node}/${safeLine(file.file, 255)} is not what its sidecar says (${sha256}): it was changed or cut off`,
    );
  }
  return { file, bytes };
}

function save(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new CliError(
      `cannot write ${path} (${(error as NodeJS.ErrnoException).code ?? 'error'}): choose another with -o`,
    );
  }
}
