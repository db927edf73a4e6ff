import { safeLine } from '@dark-carnival/crds/text';
import { Command } from 'commander';
import { completionOf } from '../completion/candidates.ts';
import { namesFrom } from '../completion/from-cluster.ts';
import { type CliDeps, Session } from '../session/session.ts';

/** A key press that takes longer than this is worse than one that offers nothing. */
const TIMEOUT_MS = 1_500;

/** `carnival __complete -- WORD…`: what the shells' scripts ask. Says nothing where it knows nothing, and never fails. */
export function completeCommand(deps: CliDeps, program: Command): Command {
  return new Command('__complete').argument('[words...]').action(async (words: string[]) => {
    const { words: known, wanted, given } = completionOf(program, words);
    const current = words.at(-1) ?? '';
    const asked = wanted === undefined ? [] : await askCluster(deps, given, wanted);
    const fitting = [...known, ...asked].filter((word) => word.startsWith(current));
    if (fitting.length > 0) deps.terminal.out(fitting.map((word) => safeLine(word, 300)).join('\n'));
  });
}

async function askCluster(
  deps: CliDeps,
  { namespace, kubeconfig, context, hub }: Record<string, string>,
  wanted: Parameters<typeof namesFrom>[1],
): Promise<string[]> {
  const options = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(hub === undefined ? {} : { hub }),
  };
  let session: Session | undefined;
  try {
    session = new Session(options, deps);
    const late = new Promise<string[]>((resolve) => {
      deps.clock.setTimeout(() => resolve([]), TIMEOUT_MS);
    });
    return await Promise.race([namesFrom(session, wanted, TIMEOUT_MS), late]);
  } catch {
    return [];
  } finally {
    void session?.close();
  }
}
