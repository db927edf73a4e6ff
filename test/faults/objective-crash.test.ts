import type { Objective } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { Faults } from '@dark-carnival/local/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { eventually } from '../harness/eventually.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

/** At which write the controller dies, and whether the write got through first. */
interface Plan {
  write: number;
  when: 'before it is sent' | 'after it was done, before the answer';
}

/** Counted are writes about Objectives: elections and Events are not what an Objective depends on. */
const dyingOf = ({ write, when }: Plan) =>
  new Faults(
    [
      {
        when: 'write objectives/*,configmaps',
        nth: write,
        do: when === 'before it is sent' ? 'crashBefore' : 'crashAfter',
      },
    ],
    { seed: 0, clock: systemClock },
  );

/** What must be the same, whatever happened on the way. */
function endState({ status }: Objective) {
  return {
    phase: status?.phase,
    usage: status?.usage,
    taskSummary: status?.taskSummary,
    tasks: status?.tasks?.map(({ id, state, attempt, artifact }) => ({ id, state, attempt, sha256: artifact?.sha256 })),
    decisions: status?.decisions?.map(({ decision, decidedBy }) => ({ decision, decidedBy })),
    debate: { round: status?.debate?.round, attempt: status?.debate?.attempt, turns: status?.debate?.turns?.length },
    plan: status?.plan?.configMapName.replace(/^.*-plan/, 'plan'),
  };
}

/** Writes of a run without any fault: one for the finalizer, six of status, two ConfigMaps made and one removed. */
const WRITES = 10;

const plans: Plan[] = Array.from({ length: WRITES }, (_, index) => index + 1).flatMap((write): Plan[] => [
  { write, when: 'before it is sent' },
  { write, when: 'after it was done, before the answer' },
]);

describe('a controller that dies around any of its writes', () => {
  let stack: RingmasterStack;
  const wagon = new ScriptedWagon();
  let reference: ReturnType<typeof endState>;

  beforeAll(async () => {
    stack = await RingmasterStack.start();
    await stack.join(wagon);
  });
  afterAll(async () => {
    await stack.stop();
  });

  /** Starts a controller, which dies as planned. */
  async function lead(dying?: Faults): Promise<void> {
    await stack.stopRingmaster();
    stack.faults = (inner) => dying?.through(inner) ?? inner;
    await stack.startRingmaster();
    wagon.keepBeating(stack.hubUrl, 200);
  }

  /** Runs one Objective; where a plan is given the controller dies of it, and another takes over. */
  async function run(plan?: Plan): Promise<Objective> {
    const dying = plan && dyingOf(plan);
    await lead(dying);
    const name = await stack.state({ directive: 'Survive everything' });
    const decided = stack.decide(name, 'Approve');
    if (dying) {
      await eventually(async () => (dying.hasCrashed ? true : undefined), {
        timeoutMs: 20_000,
        what: 'the controller to die',
        everyMs: 10,
      });
      await lead();
    }
    await decided;
    return stack.phase(name, 'Completed');
  }

  it('is not needed for a run without faults', async () => {
    reference = endState(await run());
    expect(reference).toMatchObject({ phase: 'Completed', usage: { totalTokens: 300 } });
  });

  it.each(plans)('ends in the same state when it dies at write $write, $when', async (plan) => {
    const done = await run(plan);
    expect(endState(done)).toEqual(reference);
    // Nothing was bought twice: one debate and two tasks, each under one id with one body.
    const given = wagon.puts.filter(({ objective }) => objective.uid === done.metadata.uid);
    expect(new Set(given.map(({ id }) => id)).size).toBe(3);
    expect(new Set(given.map(({ id, inputsDigest }) => `${id} ${inputsDigest}`)).size).toBe(3);
  });
});
