import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { aDebateAssignment } from '../../agent/testing/assignments.ts';
import { WagonClient } from '../../agent/testing/wagon-client.ts';
import { type Row, residentMB } from './measure.ts';
import { startModel } from './model-process.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'agent', 'src', 'main.ts');
const TOKEN = 'token-of-the-bench';
/** Each answer takes so long, so that all debates are open at once. */
const ANSWER_MS = 1000;
const COUNTS = [1, 16, 64];

/** Debates at once on one wagon, as many as its configuration takes: how long all take, and what each adds to its memory. */
export async function benchDebates(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of COUNTS) {
    const runs = [await oneRun(count), await oneRun(count), await oneRun(count)];
    const note = `three turns of ${ANSWER_MS / 1000} s each, one question per turn; so ${(3 * ANSWER_MS) / 1000} s is the least`;
    rows.push({ name: `${count} at once, all done`, unit: 's', runs: runs.map(({ seconds }) => seconds), note });
    rows.push({
      name: `${count} at once, CPU of the wagon`,
      unit: 'ms per debate',
      runs: runs.map(({ cpuMs }) => cpuMs / count),
    });
    rows.push({
      name: `${count} at once, peak RSS above that at rest`,
      unit: 'MB',
      runs: runs.map(({ growthMB }) => growthMB),
      note: 'VmRSS every 50 ms; at rest: after one debate, with the SDK loaded',
    });
  }
  return rows;
}

async function oneRun(count: number) {
  const model = await startModel(ANSWER_MS);
  const folder = mkdtempSync(join(tmpdir(), 'carnival-debates-'));
  const { child, client } = await startWagon(folder, model.endpoint);
  try {
    await debates(client, ['warm']);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const pid = child.pid ?? 0;
    const [atRest, cpu] = [residentMB(pid), cpuMsOf(pid)];
    let peak = atRest;
    const watching = setInterval(() => {
      peak = Math.max(peak, residentMB(pid));
    }, 50);
    const began = performance.now();
    await debates(
      client,
      Array.from({ length: count }, (_, index) => `d${index}`),
    );
    const seconds = (performance.now() - began) / 1000;
    clearInterval(watching);
    return { seconds, cpuMs: cpuMsOf(pid) - cpu, growthMB: peak - atRest };
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
    model.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startWagon(data: string, endpoint: string): Promise<{ child: ChildProcess; client: WagonClient }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    env: {
      PATH: process.env['PATH'],
      CARNIVAL_WAGON_TOKEN: TOKEN,
      PORT: '0',
      NODE_ID: 'BENCH',
      CARNIVAL_DATA: data,
      MAX_CONCURRENT_JOBS: '64',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const client = new WagonClient((JSON.parse(line) as { url: string }).url, TOKEN);
  const provider = { name: 'fast', type: 'OpenAICompatible', wire: 'OpenAI', endpoint, model: 'fast', apiKey: 'k' };
  await client.call('PUT', '/api/providers', { providers: [provider], digest: `sha256:${'1'.repeat(64)}` });
  return { child, client };
}

/** Gives all of them out and waits for the last. @throws where one fails */
async function debates(client: WagonClient, names: readonly string[]): Promise<void> {
  const chain = { providers: ['fast'], maxTokens: 2000 };
  const jobs = names.map((name) => {
    const objective = {
      namespace: 'default',
      name,
      uid: `00000000-0000-4000-8000-${name.padStart(12, '0').replace(/[^0-9a-f]/g, '0')}`,
    };
    return aDebateAssignment({ objective, debate: { seats: { visionary: chain, critic: chain, tactician: chain } } });
  });
  for (const job of jobs) {
    const { status, text } = await client.putJob(job);
    if (status !== 201) throw new Error(`PUT ${job.id}: ${status} ${text}`);
  }
  for (const { id } of jobs) {
    for (;;) {
      const { state, message } = await client.job(id);
      if (state === 'Succeeded') break;
      if (state === 'Failed' || state === 'Cancelled') throw new Error(`${id}: ${message}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** CPU time of a process in ms, in steps of 10. */
function cpuMsOf(pid: number): number {
  const fields = readStat(pid).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** The fields after the name, which may hold anything: from the state on. */
const readStat = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '';
