import { KubeconfigError } from '@dark-carnival/kube';
import type { Command } from 'commander';
import { examine } from '../doctor/examine.ts';
import { type Finding, findingText, problem } from '../doctor/finding.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { CliDeps, ConnectionOptions } from '../session/session.ts';
import { structured } from '../terminal/structured.ts';
import { clusterCommand, withSession } from './options.ts';

/** `carnival doctor` */
export function doctorCommand(deps: CliDeps, end: (code: ExitCode) => void): Command {
  const command = clusterCommand({
    usage: 'doctor',
    summary: 'looks at everything, at no cost, and says what to do; ends with 1 where there is a problem',
    examples: [
      ['carnival doctor', 'API server, kinds, hub, leader, wagons, models, keys, clocks, disk, stuck objectives'],
      ['carnival doctor -o json | jq \'.[] | select(.level != "ok")\'', 'for programs'],
    ],
  });
  return command.action(async () => {
    const { terminal } = deps;
    const { output } = command.optsWithGlobals<ConnectionOptions>();
    const findings = await lookAt(command, deps);
    if (output) terminal.out(structured(findings, output));
    else for (const finding of findings) terminal.out(findingText(finding, terminal.paint));
    const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
    if (!output) terminal.out(`\n${times(count('problem'), 'problem')}, ${times(count('warning'), 'warning')}`);
    if (count('problem') > 0) end(EXIT.error);
  });
}

const times = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

async function lookAt(command: Command, deps: CliDeps): Promise<Finding[]> {
  try {
    return await withSession(command, deps, (session) => examine(session, deps.clock));
  } catch (error) {
    if (!(error instanceof KubeconfigError)) throw error;
    return [problem('kubeconfig', error.message, 'npm start makes one; else give --kubeconfig or --context')];
  }
}
