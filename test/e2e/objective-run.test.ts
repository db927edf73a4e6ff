import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';
import { RingmasterStack } from '../harness/ringmaster-stack.ts';

describe('an Objective from a sentence to completed files', () => {
  let stack: RingmasterStack;
  const wagon = new ScriptedWagon();

  beforeAll(async () => {
    stack = await RingmasterStack.start();
    await stack.join(wagon);
  });
  afterAll(async () => {
    await stack.stop();
  });

  it('debates, asks, executes what was approved, and completes', async () => {
    const name = await stack.state({ directive: 'Plan a tide chart' });
    const asked = await stack.phase(name, 'AwaitingHuman');
    expect(asked.status?.plan).toMatchObject({ configMapName: `${name}-plan-1`, taskCount: 2 });
    await stack.decide(name, 'Approve');
    const done = await stack.phase(name, 'Completed');
    expect(done.status?.taskSummary).toBe('2/2');
  });
});
