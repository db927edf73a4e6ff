import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../harness/free-port.ts';
import { descendants, type Row, residentMB } from './measure.ts';

const root = join(import.meta.dirname, '..', '..');

/** `npm start` on an empty folder, until it says that it is ready; then what each process weighs. */
export async function benchStartUp(runs: number): Promise<Row[]> {
  const seconds: number[] = [];
  const weights = new Map<string, number[]>();
  for (let run = 0; run < runs; run += 1) {
    const data = mkdtempSync(join(tmpdir(), 'carnival-bench-'));
    const ports = [await freePort(), await freePort(), await freePort(), await freePort()];
    const began = performance.now();
    const wagons = `LXC-CORE:CORE=${ports[1]},LXC-OSINT:OSINT=${ports[2]},LXC-MEDIA:MEDIA=${ports[3]}`;
    const child = spawn('npm', ['start', '--', '--data', data, '--port', String(ports[0]), '--wagons', wagons], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
      env: { ...process.env, OLLAMA_HOST: 'http://127.0.0.1:9' },
    });
    const pid = child.pid ?? 0;
    await new Promise<void>((resolve, reject) => {
      let printed = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
        if (/^ready/m.test(printed)) resolve();
      });
      child.once('exit', (code) => reject(new Error(`npm start ended with ${code}: ${printed}`)));
    });
    seconds.push((performance.now() - began) / 1000);
    for (const { pid: one, command } of descendants(pid)) {
      const name = processName(command);
      if (name) weights.set(name, [...(weights.get(name) ?? []), residentMB(one)]);
    }
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.removeAllListeners('exit');
    process.kill(-pid, 'SIGINT');
    await ended;
    rmSync(data, { recursive: true, force: true });
  }
  return [
    {
      name: '`npm start` to ready, three wagons',
      unit: 's',
      runs: seconds,
      note: 'empty data folder, from spawning npm to the banner',
    },
    ...[...weights].map(([name, values]) => ({
      name: `RSS of ${name}, just ready`,
      unit: 'MB',
      runs: values,
      note: 'VmRSS',
    })),
  ];
}

/** Which of our processes a command line is; undefined for npm and shells. */
function processName(command: string): string | undefined {
  const known: [RegExp, string][] = [
    [/local\/src\/serve\.ts/, 'the API server'],
    [/controller\/src\/main\.ts/, 'the controller with hub'],
    [/agent\/src\/main\.ts/, 'a wagon'],
    [/^(?!sh ).*carnival\.mjs up/, 'the supervisor'],
  ];
  return known.find(([pattern]) => pattern.test(command))?.[1];
}
