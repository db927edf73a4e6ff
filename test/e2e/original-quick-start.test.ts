import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeView, Objective } from '@dark-carnival/crds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { NetworkNamespace, noNamespacesReason } from '../harness/network-namespaces.ts';
import { requiresTier } from '../harness/required-tiers.ts';
import { type RunningProgram, startProgram } from '../harness/running-program.ts';

/**
 * The commands of the original's Quick Start, verbatim and in their order. Its section lies beside this file. Each line is given to bash in a folder that is as
 * a clone is (`git clone` and `cd` come before the section); both programs stay, as in two terminals. In a network namespace of their own, since their ports are
 * those of the original.
 */
const root = join(import.meta.dirname, '..', '..');
const section = readFileSync(join(import.meta.dirname, 'original-quick-start.md'), 'utf8');
const LINES = [...section.matchAll(/```bash\n([\s\S]*?)```/g)]
  .flatMap(([, block = '']) => block.split('\n'))
  .filter((line) => line !== '' && !line.startsWith('#'));
/** Comes with Proxmox: docs/from-the-original.md. */
const NOT_YET = './proxmox_swarm_boot.sh';

const reason = noNamespacesReason();
if (reason !== undefined) {
  if (requiresTier('e2e')) throw new Error(`the original's ports cannot be had alone: ${reason}`);
  process.stderr.write(`SKIPPED original-quick-start: ${reason}\n`);
}

describe("the original's Quick Start", () => {
  it('is these lines', () => {
    expect(LINES).toEqual(['./launch_ringmaster.sh', './launch_node.sh 8081 OSINT', NOT_YET]);
    expect(existsSync(join(root, NOT_YET))).toBe(false);
  });
});

describe.skipIf(reason !== undefined)("the original's Quick Start, line by line", () => {
  let clone: string;
  let machine: NetworkNamespace;
  const running: RunningProgram[] = [];

  beforeAll(() => {
    clone = mkdtempSync(join(tmpdir(), 'carnival-quick-start-'));
    // Neither the keys nor the data of whoever runs this.
    const own = new Set(['.git', '.env', 'Self-R', '.carnival']);
    for (const entry of readdirSync(root)) if (!own.has(entry)) symlinkSync(join(root, entry), join(clone, entry));
    machine = new NetworkNamespace('quick');
  });
  afterAll(async () => {
    for (const program of running.reverse()) await program.stop();
    machine?.remove();
    rmSync(clone, { recursive: true, force: true });
  }, 60_000);

  const terminal = (line: string): RunningProgram => {
    const [program, args] = machine.inside('bash', '-c', `exec ${line}`);
    const env = { PATH: process.env['PATH'] ?? '', HOME: clone, NO_COLOR: '1', OLLAMA_HOST: 'http://127.0.0.1:9' };
    return startProgram(program, args, { env, cwd: clone });
  };
  const json = async <T>(line: string): Promise<T> => {
    const command = terminal(line);
    await command.stop('SIGCONT');
    try {
      return JSON.parse(command.output()) as T;
    } catch (error) {
      throw new Error(`${line} printed: ${command.output()}`, { cause: error });
    }
  };

  it('boots a hub on :8000 and a node on :8081, which does what is asked of it', async () => {
    for (const line of LINES.filter((each) => each !== NOT_YET)) {
      const program = terminal(line);
      running.push(program);
      await program.printed(/^ready|"ready":true/m, 60_000);
    }
    const carnival = 'node cli/bin/carnival.mjs';
    const nodes = await eventually(
      async () => {
        const { nodes } = await json<{ nodes: NodeView[] }>(`${carnival} status -o json`);
        return nodes.every(({ phase }) => phase === 'Ready') && nodes.length > 0 ? nodes : undefined;
      },
      { timeoutMs: 60_000, what: 'the node to be Ready' },
    );
    expect(nodes).toMatchObject([{ role: 'OSINT', address: 'http://127.0.0.1:8081' }]);
    expect(nodes[0]?.nodeID).toMatch(/-OSINT$/);

    const run = terminal(`${carnival} run "Plan a tide chart for a small harbour" --name tide-chart`);
    await run.stop('SIGCONT');
    const phaseOf = async () => (await json<Objective>(`${carnival} status tide-chart -o json`)).status?.phase;
    const when = (phase: string) =>
      eventually(async () => (await phaseOf()) === phase || undefined, { timeoutMs: 60_000, what: phase });
    await when('AwaitingHuman');
    await terminal(`${carnival} approve tide-chart`).stop('SIGCONT');
    await when('Completed');
  }, 180_000);

  it('says in one line what is wrong with a command, and ends with 2', async () => {
    for (const [line, says] of [
      ['./launch_node.sh', 'a port and a role are needed'],
      ['./launch_node.sh OSINT 8081', 'OSINT is no port'],
      ['./launch_node.sh 70000 OSINT', '70000 is no port'],
      ["./launch_node.sh 8081 'two words'", 'is no role'],
      ['./launch_node.sh 8081 OSINT --join-token x', 'a token is no argument'],
      ['./launch_ringmaster.sh --port http', '--port http'],
    ] as const) {
      const command = terminal(line);
      expect(await command.stop('SIGCONT'), line).toBe(2);
      expect(command.output().trim().split('\n'), line).toEqual([expect.stringContaining(says)]);
    }
  });
});
