import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../../testing/scripted-answers.ts';
import { JobMemory } from './job-memory.ts';

const job = (held: boolean) => ({
  outcome: 'found' as const,
  job: {
    id: 'u.debate.1.1',
    inputsDigest: `sha256:${'a'.repeat(64)}`,
    state: 'Running' as const,
    usage: NO_USAGE,
    held,
  },
});

describe('what is remembered of a job', () => {
  it('counts the time that it took, without the time under a hold', async () => {
    const clock = new FakeClock();
    const memory = new JobMemory(clock);
    const note = (held: boolean) => memory.note('u.debate.1.1', job(held));
    note(false);
    await clock.advance(10_000);
    expect(note(true)).toMatchObject({ seenForMs: 10_000 });
    await clock.advance(3_600_000);
    expect(note(true)).toMatchObject({ seenForMs: 10_000 });
    await clock.advance(1_000);
    expect(note(false)).toMatchObject({ seenForMs: 10_000 });
    await clock.advance(5_000);
    expect(note(false)).toMatchObject({ seenForMs: 15_000 });
  });

  it('begins anew after a restart, held or not', async () => {
    const clock = new FakeClock();
    const memory = new JobMemory(clock);
    memory.note('u.debate.1.1', job(true));
    await clock.advance(3_600_000);
    expect(memory.note('u.debate.1.1', job(false))).toMatchObject({ seenForMs: 0 });
  });
});
