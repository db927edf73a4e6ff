import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@dark-carnival/crds/clock';
import { Journal } from '../../agent/src/journal/index.ts';
import { createLLMFactory, type LLMFactory } from '../../agent/src/providers/index.ts';
import type { CompletionRequest } from '../../agent/src/providers/provider.ts';
import { aDebateAssignment } from '../../agent/testing/assignments.ts';
import { bareSdk } from './bare-sdk.ts';
import { percentile, type Row } from './measure.ts';
import { startModel } from './model-process.ts';

const CALLS = 200;
const RUNS = 5;
const MAX_TOKENS = 500;
const SYSTEM = `You are the Visionary. ${'Ground rules of the table. '.repeat(80)}`;
const USER = `Plan a tide chart. ${'Some context that belongs to it. '.repeat(60)}`;
const chain = { providers: ['fast'], maxTokens: MAX_TOKENS };

/** What a wagon adds to a call: the bare SDK and the wagon's own way, in turn against one model, in one process. */
export async function benchLlmCalls(): Promise<Row[]> {
  const model = await startModel(0);
  const folder = mkdtempSync(join(tmpdir(), 'carnival-calls-'));
  const journal = Journal.open(folder);
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  const factory = createLLMFactory({ clock: systemClock, random: Math.random, logger: quiet });
  try {
    const prices = { inputPerMillionTokens: '1', outputPerMillionTokens: '2' };
    const place = {
      name: 'fast',
      type: 'OpenAICompatible',
      endpoint: model.endpoint,
      model: 'fast',
      apiKey: 'k',
    } as const;
    factory.setProviders({
      providers: [{ ...place, prices, probeIntervalSeconds: 300 }],
      digest: `sha256:${'0'.repeat(64)}`,
    });
    const bare = bareSdk(model.endpoint, 'k');
    const ways = {
      bare: async () => void (await bare('fast', SYSTEM, USER, MAX_TOKENS)),
      wagon: wagonsWay(factory, journal),
    };
    for (const way of Object.values(ways)) await measured(way, 50);
    const runs = { bare: [] as Measured[], wagon: [] as Measured[] };
    for (let run = 0; run < RUNS; run += 1)
      for (const name of ['bare', 'wagon'] as const) runs[name].push(await measured(ways[name], CALLS));
    return rows(runs);
  } finally {
    await factory.close();
    journal.close();
    model.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As `jobs/journaled-ask.ts` does it: reserve, write down, ask, write the answer down. */
function wagonsWay(factory: LLMFactory, journal: Journal): () => Promise<void> {
  const job = aDebateAssignment();
  journal.jobs.insert(job, 'body', new Date().toISOString());
  const request: CompletionRequest = {
    system: SYSTEM,
    messages: [{ role: 'user', content: USER }],
    maxTokens: MAX_TOKENS,
    purpose: { kind: 'turn', seat: 'visionary', round: 1, directive: 'd', feedback: [], maxTasks: 1, earlier: [] },
  };
  const signal = new AbortController().signal;
  let step = 0;
  return async () => {
    step += 1;
    const key = `step-${step}`;
    const { tokens } = factory.reservation(chain, request);
    const attempt = journal.steps.intend(job.id, key, { tokens, microUSD: 1 }, key);
    const answer = await factory.complete(chain, request, { deadlineMs: 60_000, signal });
    journal.steps.settle(job.id, key, attempt, answer);
  };
}

interface Measured {
  took: number[];
  cpuMs: number;
}

/** One after the other. CPU time is this process's: the model has its own. */
async function measured(way: () => Promise<void>, calls: number): Promise<Measured> {
  const took: number[] = [];
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) {
    const began = performance.now();
    await way();
    took.push(performance.now() - began);
  }
  const { user, system } = process.cpuUsage(before);
  return { took, cpuMs: (user + system) / 1000 / calls };
}

function rows({ bare, wagon }: { bare: Measured[]; wagon: Measured[] }): Row[] {
  const note = `${CALLS} streamed calls, one after the other, in turn with the other way; a model on loopback that answers at once`;
  const of = (name: string, measures: Measured[], more: string): Row[] => [
    { name: `${name}, p50`, unit: 'ms', runs: measures.map(({ took }) => percentile(took, 50)), note: more },
    { name: `${name}, p99`, unit: 'ms', runs: measures.map(({ took }) => percentile(took, 99)) },
    {
      name: `${name}, CPU per call`,
      unit: 'ms',
      runs: measures.map(({ cpuMs }) => cpuMs),
      note: 'user and system, the model not counted',
    },
  ];
  return [
    ...of('a call, bare SDK', bare, note),
    ...of(
      'a call, the wagon’s way',
      wagon,
      'guarded connection, limits, deadlines, price, and two durable writes of the journal',
    ),
  ];
}
