import { chooseReal } from '../../conformance/engine/choose-real.ts';
import { median } from '../measure.ts';
import { type BenchEngine, startKubernetes, startLocal } from './bench-engine.ts';
import { creates, fanOut, listAll, makeObjectives, rewriting, statusWrites } from './workloads.ts';

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

type Measure<T> = (engine: BenchEngine, run: number) => Promise<T>;
type Engines = readonly [local: BenchEngine, kubernetes: BenchEngine];

const RUNS = 3;

/** Both engines in turn, run by run, so that what else the machine does falls on both. */
async function inTurn<T>([local, kubernetes]: Engines, runs: number, measure: Measure<T>): Promise<[T[], T[]]> {
  const found: [T[], T[]] = [[], []];
  for (let run = 0; run < runs; run += 1) {
    found[0].push(await measure(local, run));
    found[1].push(await measure(kubernetes, run));
  }
  return found;
}

/** @param flags more of kube-apiserver */
async function withEngines<T>(
  assets: string,
  flags: readonly string[],
  work: (engines: Engines) => Promise<T>,
): Promise<T> {
  const local = await startLocal();
  try {
    const kubernetes = await startKubernetes(assets, flags);
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

/** A row for each figure that one measurement gives. */
function rowsOf<K extends string>(
  [local, kubernetes]: [Record<K, number>[], Record<K, number>[]],
  figures: Record<K, Pick<VersusRow, 'name' | 'unit' | 'better'>>,
  how: string,
): VersusRow[] {
  return (Object.keys(figures) as K[]).map((key) => ({
    ...figures[key],
    local: local.map((run) => run[key]),
    kubernetes: kubernetes.map((run) => run[key]),
    how,
  }));
}

const memoryOf = ([local, kubernetes]: Engines) => ({ local: [local.memory()], kubernetes: [kubernetes.memory()] });

async function benchReads(engines: Engines): Promise<VersusRow[]> {
  for (const engine of engines) await creates(engine, 'big', 10_000, 4096);
  const afterCreates = memoryOf(engines);
  const [local, kubernetes] = await inTurn(engines, RUNS, (engine) => listAll(engine, 10_000));
  const afterLists = memoryOf(engines);
  const fans = await inTurn(engines, RUNS, (engine, run) => fanOut(engine, `fan${run}`, 1_000, 30));
  const memory = { unit: 'MB', better: 'less' } as const;
  const delay = { unit: 'ms', better: 'less' } as const;
  return [
    {
      name: 'RSS with 10,000 objects of 4 KB',
      ...memory,
      ...afterCreates,
      how: 'VmRSS just after the creates; etcd counted in',
    },
    { name: 'list of those 10,000', unit: 's', better: 'less', local, kubernetes, how: 'one answer, without pages' },
    { name: 'RSS after these lists', ...memory, ...afterLists, how: 'VmRSS; etcd counted in' },
    ...rowsOf(
      fans,
      {
        deliveriesPerSecond: { name: 'watch fan-out to 1,000', unit: 'deliveries/s', better: 'more' },
        p50: { name: 'create → event, 1,000 watchers, p50', ...delay },
        p99: { name: 'create → event, 1,000 watchers, p99', ...delay },
      },
      '30 creates one after the other, read by one process on the same machine, the same TLS cipher',
    ),
  ];
}

/**
 * What a client notices of compaction is that writes wait. The local engine compacts 500 revisions at a time, 10,000 behind the newest; kube-apiserver
 * tells etcd to compact, every 5 minutes by default and here every 5 seconds, so that it happens in the run. Both must have forgotten the beginning in
 * the end.
 */
async function benchCompaction(engines: Engines): Promise<VersusRow[]> {
  const measure = (engine: BenchEngine, run: number) =>
    rewriting(engine, `past${run}`, 100, { forMs: 20_000, atLeast: 12_000 });
  const delay = { unit: 'ms', better: 'less' } as const;
  return rowsOf(
    await inTurn(engines, RUNS, measure),
    {
      perSecond: { name: 'merge patches while the past is compacted', unit: '/s', better: 'more' },
      p99: { name: 'the wait for one of them, p99', ...delay },
      longest: { name: 'the longest wait', ...delay },
    },
    '20 s or longer, 20 in flight on 100 ConfigMaps of 1 KB, from 10,500 revisions on (local), every 5 s (etcd)',
  );
}

async function benchColdStart(engines: Engines): Promise<VersusRow[]> {
  for (const engine of engines) await creates(engine, 'many', 50_000, 500);
  const [local, kubernetes] = await inTurn(engines, RUNS, (engine) => engine.restart());
  const memory = memoryOf(engines);
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
      ...memory,
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
    rows.push(...(await withEngines(choice.assets, [], suite)));
  rows.push(...(await withEngines(choice.assets, ['--etcd-compaction-interval=5s'], benchCompaction)));
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
