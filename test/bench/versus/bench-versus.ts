import { chooseReal } from '../../conformance/engine/choose-real.ts';
import { median } from '../measure.ts';
import { type BenchEngine, startKubernetes, startLocal } from './bench-engine.ts';
import { creates, type FanOut, fanOut, listAll, makeObjectives, statusWrites } from './workloads.ts';

/** One thing measured on both engines. */
interface VersusRow {
  name: string;
  unit: string;
  /** Whether more is better: creates per second are, seconds are not. */
  better: 'more' | 'less';
  local: number[];
  kubernetes: number[];
  how: string;
}

type Measure = (engine: BenchEngine, run: number) => Promise<number>;
type Engines = readonly [local: BenchEngine, kubernetes: BenchEngine];

const RUNS = 3;

/** Both engines in turn, run by run, so that what else the machine does falls on both. */
async function inTurn([local, kubernetes]: Engines, runs: number, measure: Measure): Promise<[number[], number[]]> {
  const found: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run += 1) {
    found[0].push(await measure(local, run));
    found[1].push(await measure(kubernetes, run));
  }
  return found;
}

async function withEngines<T>(assets: string, work: (engines: Engines) => Promise<T>): Promise<T> {
  const local = await startLocal();
  try {
    const kubernetes = await startKubernetes(assets);
    try {
      return await work([local, kubernetes]);
    } finally {
      await kubernetes.stop();
    }
  } finally {
    await local.stop();
  }
}

async function benchWrites(engines: Engines): Promise<VersusRow[]> {
  const [local, kubernetes] = await inTurn(engines, RUNS, (engine, run) => creates(engine, `c${run}`, 2_000, 1024));
  for (const engine of engines) await makeObjectives(engine, 100);
  const status = await inTurn(engines, RUNS, (engine, run) => statusWrites(engine, 100, 1_500, run));
  const how = '20 in flight';
  return [
    {
      name: 'creates of a ConfigMap of 1 KB',
      unit: '/s',
      better: 'more',
      local,
      kubernetes,
      how: `2,000 a run, ${how}`,
    },
    {
      name: 'merge patches of an Objective’s status',
      unit: '/s',
      better: 'more',
      local: status[0],
      kubernetes: status[1],
      how: `1,500 a run on 100 objects, ${how}`,
    },
  ];
}

async function benchReads(engines: Engines): Promise<VersusRow[]> {
  for (const engine of engines) await creates(engine, 'big', 10_000, 4096);
  const memory = engines.map((engine) => [engine.memory()]);
  const [local, kubernetes] = await inTurn(engines, RUNS, (engine) => listAll(engine, 10_000));
  const fans: FanOut[] = [];
  for (const engine of engines) fans.push(await fanOut(engine, 1_000, 30));
  const pick = (key: 'deliveriesPerSecond' | 'p50' | 'p99') => ({
    local: [fans[0]?.[key] ?? Number.NaN],
    kubernetes: [fans[1]?.[key] ?? Number.NaN],
  });
  const how = '30 creates one after the other, read by one process on the same machine';
  return [
    {
      name: 'RSS with 10,000 objects of 4 KB',
      unit: 'MB',
      better: 'less',
      local: memory[0] ?? [],
      kubernetes: memory[1] ?? [],
      how: 'VmRSS just after the creates; etcd counted in',
    },
    { name: 'list of those 10,000', unit: 's', better: 'less', local, kubernetes, how: 'one answer, without pages' },
    { name: 'watch fan-out to 1,000', unit: 'deliveries/s', better: 'more', ...pick('deliveriesPerSecond'), how },
    { name: 'create → event, 1,000 watchers, p50', unit: 'ms', better: 'less', ...pick('p50'), how },
    { name: 'create → event, 1,000 watchers, p99', unit: 'ms', better: 'less', ...pick('p99'), how },
  ];
}

async function benchColdStart(engines: Engines): Promise<VersusRow[]> {
  for (const engine of engines) await creates(engine, 'many', 50_000, 500);
  const [local, kubernetes] = await inTurn(engines, RUNS, (engine) => engine.restart());
  const memory = engines.map((engine) => [engine.memory()]);
  return [
    {
      name: 'cold start with 50,000 objects',
      unit: 's',
      better: 'less',
      local,
      kubernetes,
      how: 'from starting the processes to the first list of an Objective',
    },
    {
      name: 'RSS after that start',
      unit: 'MB',
      better: 'less',
      local: memory[0] ?? [],
      kubernetes: memory[1] ?? [],
      how: 'VmRSS',
    },
  ];
}

/** The same requests to the local engine and to kube-apiserver with etcd, in one run. @returns a Markdown table. */
export async function benchVersus(): Promise<string> {
  const choice = chooseReal(process.env);
  if (!('assets' in choice)) return 'Not measured: KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver.';
  const rows = [];
  for (const suite of [benchWrites, benchReads, benchColdStart])
    rows.push(...(await withEngines(choice.assets, suite)));
  const digits = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
  const cell = (values: readonly number[]) => {
    const spread = values.length > 1 ? ` (${digits(Math.min(...values))} to ${digits(Math.max(...values))})` : '';
    return digits(median(values)) + spread;
  };
  const line = ({ name, unit, better, local, kubernetes, how }: VersusRow) => {
    const [ours, theirs] = [median(local), median(kubernetes)];
    const factor = better === 'more' ? ours / theirs : theirs / ours;
    return `| ${name}, ${unit} | ${cell(local)} | ${cell(kubernetes)} | ${factor.toFixed(1)} × | ${how} |`;
  };
  return [
    '| what | local | kube-apiserver + etcd | local is better by | how |',
    '|---|---|---|---|---|',
    ...rows.map(line),
  ].join('\n');
}
