import { spawn } from 'node:child_process';
import { safeLine } from '@dark-carnival/crds/text';
import type { Command } from 'commander';
import type { CliDeps } from '../session/session.ts';
import { structured } from '../terminal/structured.ts';
import { clusterCommand, withSession } from './options.ts';

/** `carnival open` */
export function openCommand(deps: CliDeps): Command {
  const command = clusterCommand({
    usage: 'open',
    summary: 'a fresh URL that signs a browser in at the hub, once',
    examples: [
      ['carnival open', 'prints it'],
      ['carnival open --browser', 'and opens it'],
    ],
  });
  command.option('--browser', 'open it in the browser of this machine');
  return command.action(({ browser }: { browser?: boolean }) =>
    withSession(command, deps, async (session, { output }) => {
      const { terminal } = deps;
      const ticket = await session.hub().loginTicket();
      if (output) terminal.out(structured(ticket, output));
      else {
        terminal.out(safeLine(ticket.url, 2_000));
        terminal.note(`signs in once, within ${ticket.expiresInSeconds} s`);
      }
      if (browser) openBrowser(ticket.url, (why) => terminal.note(`no browser could be opened (${why}): use the URL`));
    }),
  );
}

/** Never through a shell: the URL comes from a server. */
function openBrowser(url: string, onFailure: (why: string) => void): void {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(program, [new URL(url).href], { stdio: 'ignore', detached: true });
  child.once('error', (error) => onFailure((error as NodeJS.ErrnoException).code ?? error.message));
  child.unref();
}
