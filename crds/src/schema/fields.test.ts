import { describe, expect, it } from 'vitest';
import { objectiveSpecSchema } from '../v1alpha1/objective-spec.ts';
import { text } from './fields.ts';

describe('lengths are code points, as in CRDs and CEL', () => {
  const four = text('four.', { min: 1, max: 4 });
  it('counts an emoji as one', () => expect(four.safeParse('🎪🎪🎪🎪').success).toBe(true));
  it('refuses five', () => expect(four.safeParse('🎪🎪🎪🎪🎪').success).toBe(false));
  it('refuses none', () => expect(four.safeParse('').success).toBe(false));
});

describe('an Objective with only a directive', () => {
  it('gets the defaults of the original: one debate, a person at the gate, four tasks at once', () => {
    expect(objectiveSpecSchema.parse({ directive: 'x' })).toEqual({
      directive: 'x',
      debate: { mode: 'Debate', rounds: 1, turnTimeoutSeconds: 300, seats: {} },
      approval: { mode: 'Manual', separationOfDuties: 'NotRequired', children: 'Ask' },
      execution: { maxTasks: 20, parallelism: 4, taskTimeoutSeconds: 600, retries: 1, sandbox: 'Required' },
      improve: 'Always',
      desiredState: 'Running',
      retry: 0,
    });
  });
});
