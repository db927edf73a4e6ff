import { describe, expect, it } from 'vitest';
import { approval, asked, job, reason } from '../../../testing/objective-stories.ts';
import { type ObjectiveWorld, planBytes } from '../../../testing/objective-world.ts';
import { NO_TESTS_LINE } from '../../../testing/scripted-answers.ts';

describe('the gate', () => {
  it('takes an answer once: decision, end of the question and next phase in one write', () => {
    const world = asked();
    world.answer('Approve');
    const { status } = world.pass();
    expect(status).toMatchObject({ phase: 'Executing', decisions: [{ decision: 'Approve', decidedBy: 'alice' }] });
    expect(status.approvalRequest).toBeUndefined();
    expect(status.tasks?.map(({ state }) => state)).toEqual(['Running', 'Pending']);
  });

  it('does not look at an answer to another question', () => {
    const world = asked();
    const { planHash = '' } = world.status.approvalRequest ?? {};
    world.state.spec = {
      intervention: { requestID: `${world.uid}-7`, planHash, decision: 'Approve', decidedBy: 'alice' },
    };
    world.settle();
    expect(world.status.phase).toBe('AwaitingHuman');
  });

  it('debates once more with the words of a feedback, and with all that were said before', () => {
    const world = asked();
    for (const round of [2, 3]) {
      world.answer('Feedback');
      world.settle();
      expect(world.status).toMatchObject({ phase: 'Debating', debate: { round } });
      // Whoever removes the answer afterwards does not take the words back.
      world.state.spec = {};
      world.finish(job(world, `debate.${round}.1`));
      world.settle();
    }
    expect(world.status.approvalRequest).toMatchObject({ id: `${world.uid}-3`, feedbackLeft: 3 });
    expect(world.state.jobs[job(world, 'debate.3.1')]?.assignment.debate?.feedback).toEqual([
      `words about ${world.uid}-1`,
      `words about ${world.uid}-2`,
    ]);
  });

  it('refuses a feedback that is not left, and asks again', () => {
    const world = asked();
    if (world.status.approvalRequest) world.status.approvalRequest.feedbackLeft = 0;
    world.answer('Feedback');
    const { events } = world.pass();
    expect(events).toMatchObject([{ type: 'Warning', reason: 'DecisionRefused' }]);
    expect(world.status).toMatchObject({ phase: 'AwaitingHuman', approvalRequest: { id: `${world.uid}-2` } });
  });

  it("refuses the requester's own approval where duties are separated", () => {
    const world = asked({ requestedBy: 'alice', ...approval({ separationOfDuties: 'Required' }) });
    world.answer('Approve', 'alice');
    world.settle();
    expect(world.status).toMatchObject({ phase: 'AwaitingHuman', approvalRequest: { id: `${world.uid}-2` } });
    expect(world.status.decisions).toBeUndefined();
    world.answer('Approve', 'bob');
    world.settle();
    expect(world.status.phase).toBe('Executing');
  });

  it('expires when nobody answers in time, and asks about the same plan when a person retries', () => {
    const world = asked(approval({ timeoutSeconds: 60 }));
    const before = JSON.parse(planBytes(world) ?? '{}');
    world.state.nowMs += 59_000;
    world.settle();
    expect(world.status.phase).toBe('AwaitingHuman');
    world.state.nowMs += 1_000;
    world.settle();
    expect(world.status).toMatchObject({ phase: 'Expired' });
    world.state.spec = { ...world.state.spec, retry: 1 };
    world.settle();
    expect(world.status).toMatchObject({
      phase: 'AwaitingHuman',
      approvalRequest: { id: `${world.uid}-2`, dissent: [NO_TESTS_LINE] },
    });
    expect(JSON.parse(planBytes(world) ?? '{}')).toEqual({ ...before, number: 2 });
  });

  it.each([
    {
      name: 'its expiry',
      change: (world: ObjectiveWorld) => {
        world.state.nowMs += 3_600_000;
      },
    },
    {
      name: 'an abort that came after it',
      change: (world: ObjectiveWorld) => {
        world.state.spec = { ...world.state.spec, desiredState: 'Aborted' };
      },
    },
  ])('lets an answer beat $name', ({ change }) => {
    const world = asked(approval({ timeoutSeconds: 60 }));
    world.answer('Feedback');
    change(world);
    const { status } = world.pass();
    expect(status.decisions).toMatchObject([{ decision: 'Feedback' }]);
  });

  it('never executes a plan whose bytes changed after it was approved', () => {
    const world = asked();
    world.answer('Approve');
    const name = world.status.plan?.configMapName ?? '';
    world.state.configMaps[name] = (world.state.configMaps[name] ?? '').replace('t1.md', 't3.md');
    world.settle();
    expect(world.status.phase).toBe('Failed');
    expect(reason(world)).toBe('PlanTampered');
    expect(world.running()).toEqual([]);
  });

  it('never executes a plan that is gone', () => {
    const world = asked();
    world.answer('Approve');
    world.state.configMaps = {};
    world.settle();
    expect(reason(world)).toBe('PlanMissing');
  });
});
