import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchApiServer } from './api-server.ts';
import { benchAtRest } from './at-rest.ts';
import { benchDebates } from './debates.ts';
import { benchHeartbeats } from './heartbeats.ts';
import { benchJournal } from './journal.ts';
import { benchLlmCalls } from './llm-calls.ts';
import { table } from './measure.ts';
import { benchObjectives } from './objectives.ts';
import { benchStartUp } from './start-up.ts';
import { benchTokensPerPlan } from './tokens-per-plan.ts';
import { benchVersus } from './versus/bench-versus.ts';

/**
 * `npm run bench [-- --only NAME] [-- --write]`: measures, and prints a table; `--write` puts it into docs/benchmarks.md. Nothing here asserts:
 * a slow machine is not a bug.
 */
const suites: Record<string, { title: string; run(): Promise<string> }> = {
  'start-up': { title: 'Start', run: async () => table(await benchStartUp(5)) },
  'api-server': { title: 'The local API server', run: async () => table(await benchApiServer()) },
  versus: { title: 'The local API server beside the real one', run: benchVersus },
  objectives: { title: 'Objectives', run: async () => table(await benchObjectives()) },
  heartbeats: { title: 'Heartbeats', run: async () => table(await benchHeartbeats()) },
  journal: { title: 'The journal of a wagon', run: async () => table(benchJournal()) },
  'llm-calls': { title: 'What a wagon adds to a call of a model', run: async () => table(await benchLlmCalls()) },
  debates: { title: 'Debates at once on one wagon', run: async () => table(await benchDebates()) },
  'tokens-per-plan': {
    title: 'Tokens per accepted plan',
    run: async () => {
      const { rows, note } = await benchTokensPerPlan();
      return rows.length === 0 ? note : `${table(rows)}\n\n${note}`;
    },
  },
  'at-rest': { title: 'At rest', run: async () => table(await benchAtRest()) },
};

const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean' } } });
if (values.only !== undefined && suites[values.only] === undefined) {
  console.error(`bench: no suite ${values.only}; there are ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
if (process.platform !== 'linux') {
  console.error('bench: reads /proc, so it runs on Linux only');
  process.exit(1);
}

const [cpu] = cpus();
const machine = `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, load before ${loadavg()[0]?.toFixed(2)}`;
const parts: string[] = [];
for (const [name, { title, run }] of Object.entries(suites)) {
  if (values.only !== undefined && values.only !== name) continue;
  console.error(`bench: ${name} …`);
  parts.push(`### ${title}\n\n${await run()}\n`);
}
const report = `Measured ${new Date().toISOString().slice(0, 10)} on ${machine}.\n\n${parts.join('\n')}`;
console.log(report);

if (values.write) {
  const page = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md');
  const [head = ''] = readFileSync(page, 'utf8').split('<!-- measured -->');
  writeFileSync(page, `${head}<!-- measured -->\n\n${report}`);
}
