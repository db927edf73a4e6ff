import { describe, expect, it } from 'vitest';
import { runSchedule, type ScheduleCounts, type ScheduleResult } from './schedules/run-schedule.ts';
import { type Build, HONEST } from './schedules/simulated-controller.ts';

const SEED = Number(process.env['CARNIVAL_TEST_SEED'] ?? 20_261_124);
const SCHEDULES = 1_000;
/** A planted bug has to be found by far fewer. */
const SCHEDULES_WITH_BUG = 60;

async function runMany(count: number, build: Build): Promise<ScheduleResult[]> {
  const results: ScheduleResult[] = [];
  for (let index = 0; index < count; index += 1) results.push(await runSchedule(SEED + index, build));
  return results;
}

const violationsOf = (results: ScheduleResult[]) =>
  results.flatMap(({ seed, violations }) => violations.map((violation) => `seed ${seed}: ${violation}`));

function sum(results: ScheduleResult[]): ScheduleCounts {
  const total = { ...results[0]?.counts } as Record<string, number>;
  for (const { counts } of results.slice(1)) {
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
  }
  return total as unknown as ScheduleCounts;
}

describe('a fleet through stalls, gaps, jumps of the clock, restarts and changes of the leader', () => {
  it(`loses no living wagon in ${SCHEDULES} schedules, and finds every dead one in time`, async () => {
    const results = await runMany(SCHEDULES, HONEST);
    const counts = sum(results);
    process.stderr.write(`wagon schedules: seeds ${SEED} to ${SEED + SCHEDULES - 1}, ${JSON.stringify(counts)}\n`);
    expect(violationsOf(results)).toEqual([]);
    // A run in which nothing happens shows nothing.
    for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(SCHEDULES / 10);
  });

  const planted: { name: string; build: Partial<Build>; finds: RegExp }[] = [
    {
      name: 'last-seen by the wall clock',
      build: { livenessClock: ({ clock }) => ({ ...clock, monotonic: clock.now }) },
      finds: /became Stale|lives and was evicted|is dead and still/,
    },
    {
      name: 'no grace after a start or a stall',
      build: {
        liveness: (liveness) =>
          Object.assign(Object.create(liveness), {
            ...bound(liveness),
            view: (namespace: string, name: string) => {
              const view = liveness.view(namespace, name);
              return { ...view, ageMs: view.heardAgoMs ?? Number.MAX_SAFE_INTEGER };
            },
          }),
      },
      finds: /was heard \d+ ms ago and became Stale/,
    },
    {
      name: 'no probe before an eviction',
      build: { probe: () => async () => ({ outcome: 'unreachable', message: 'not asked' }) },
      finds: /lives and was evicted/,
    },
    {
      name: 'grace without end',
      build: {
        liveness: (liveness) =>
          Object.assign(Object.create(liveness), {
            ...bound(liveness),
            view: (namespace: string, name: string) => ({ ...liveness.view(namespace, name), ageMs: 0 }),
          }),
      },
      finds: /is dead and still Ready/,
    },
    {
      name: 'a heartbeat from before a stall that counts as one after it',
      build: {
        liveness: (liveness) =>
          Object.assign(Object.create(liveness), {
            ...bound(liveness),
            view: (namespace: string, name: string) => {
              const view = liveness.view(namespace, name);
              return { ...view, heardAgoMs: view.heartbeat && view.ageMs };
            },
          }),
      },
      finds: /became Ready, silent for/,
    },
  ];
  it.each(planted)('catches a planted bug: $name', async ({ name, build, finds }) => {
    const results = await runMany(SCHEDULES_WITH_BUG, { ...HONEST, ...build });
    const found = violationsOf(results).filter((violation) => finds.test(violation));
    process.stderr.write(`planted "${name}": ${found.length} violations in ${SCHEDULES_WITH_BUG} schedules\n`);
    expect(found.length).toBeGreaterThan(0);
  });
});

/** The methods of a liveness, on the real one. */
const bound = (liveness: ReturnType<Build['liveness']>) => ({
  record: liveness.record.bind(liveness),
  forget: liveness.forget.bind(liveness),
  onChange: liveness.onChange.bind(liveness),
  beginGrace: liveness.beginGrace.bind(liveness),
  close: liveness.close.bind(liveness),
});
