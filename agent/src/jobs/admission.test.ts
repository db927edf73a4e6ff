import { describe, expect, it } from 'vitest';
import { type AdmissionFacts, judgeAssignment } from './admission.ts';

const NEW: AdmissionFacts = {
  inputsDigest: 'digest',
  bodyDigest: 'body',
  leaderEpoch: 4,
  attempt: 1,
  held: undefined,
  leaderEpochSeen: 4,
  newestAttempt: 0,
  cancelledUnseen: false,
  active: 0,
  capacity: 2,
  stopping: false,
};
const HELD = { inputsDigest: 'digest', bodyDigest: 'body' };

describe('whether an assignment is taken', () => {
  it.each<{ name: string; facts: Partial<AdmissionFacts>; want: string }>([
    { name: 'a new one with a free slot is', facts: {}, want: 'create' },
    { name: 'one that is held already is the same', facts: { held: HELD }, want: 'same' },
    { name: 'the same under a newer leader is the same', facts: { held: HELD, leaderEpoch: 9 }, want: 'same' },
    { name: 'the same is told to a full wagon too', facts: { held: HELD, active: 2 }, want: 'same' },
    { name: 'the same is told to a stopping wagon too', facts: { held: HELD, stopping: true }, want: 'same' },
    { name: 'an id with other inputs is not', facts: { held: { ...HELD, inputsDigest: 'other' } }, want: 'differs' },
    {
      name: 'one digest for two bodies is not believed',
      facts: { held: { ...HELD, bodyDigest: 'x' } },
      want: 'differs',
    },
    { name: 'an order of a replaced leader is not', facts: { leaderEpoch: 3 }, want: 'stale-epoch' },
    { name: 'not even where it is held', facts: { leaderEpoch: 3, held: HELD }, want: 'stale-epoch' },
    { name: 'a full wagon takes none', facts: { active: 2 }, want: 'full' },
    { name: 'a stopping wagon takes none', facts: { stopping: true }, want: 'stopping' },
    { name: 'one that was cancelled before it came is not', facts: { cancelledUnseen: true }, want: 'superseded' },
    { name: 'an older attempt that comes late is not', facts: { newestAttempt: 2 }, want: 'superseded' },
    { name: 'the next attempt is', facts: { attempt: 2, newestAttempt: 1 }, want: 'create' },
  ])('$name', ({ facts, want }) => {
    expect(judgeAssignment({ ...NEW, ...facts }).decision).toBe(want);
  });
});
