import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '../../agent/src/journal/index.ts';
import type { Completion } from '../../agent/src/providers/provider.ts';
import { aDebateAssignment } from '../../agent/testing/assignments.ts';
import { percentile, type Row } from './measure.ts';

const CALLS = 500;
const RUNS = 5;

/** What it costs a call of a model that nothing of it can be lost: the step is written down before it acts, its answer before anybody reads it. */
export function benchJournal(): Row[] {
  const runs = Array.from({ length: RUNS }, () => oneRun());
  const note = `${CALLS} calls with an answer of 4 kB, on the disk of ${tmpdir()}`;
  return [
    { name: 'Journal, per call, p50', unit: 'ms', runs: runs.map((took) => percentile(took, 50)), note },
    {
      name: 'Journal, per call, p99',
      unit: 'ms',
      runs: runs.map((took) => percentile(took, 99)),
      note: 'two durable writes',
    },
  ];
}

function oneRun(): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'carnival-journal-'));
  const journal = Journal.open(folder);
  const job = aDebateAssignment();
  journal.jobs.insert(job, 'body', new Date().toISOString());
  const spent = { inputTokens: 900, outputTokens: 1_000, calls: 1 };
  const answer: Completion = {
    text: 'a'.repeat(4_000),
    provider: 'kimi',
    model: 'k2',
    finishReason: 'stop',
    usageEstimated: false,
    rehearsal: false,
    inputTokens: 900,
    outputTokens: 1_000,
    spent,
  };
  const took: number[] = [];
  for (let call = 0; call < CALLS; call += 1) {
    const began = performance.now();
    const attempt = journal.steps.intend(job.id, `step-${call}`, { tokens: 4_000, microUSD: 0 }, `question ${call}`);
    journal.steps.settle(job.id, `step-${call}`, attempt, answer);
    took.push(performance.now() - began);
  }
  journal.close();
  rmSync(folder, { recursive: true, force: true });
  return took;
}
