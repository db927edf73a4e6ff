import { describe, expect, it } from 'vitest';
import { CallHeldBack } from './call-held-back.ts';
import { always, ask, first, second, well } from './testing/factory-bench.ts';

describe('a call whose caller wants no further try', () => {
  it('begins none: not the same provider again, nor the next one; what was tried is told', async () => {
    first.play(always({ status: 503, chunks: ['{}'] }));
    second.play(well('From the second.'));
    let tries = 0;
    const error = await ask(['first', 'second'], { mayTry: () => ++tries <= 2 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CallHeldBack);
    expect(error).toMatchObject({ spent: { calls: 2 } });
    expect([first.requests.length, second.requests.length]).toEqual([2, 0]);
  });

  it('lets the try that is under way end', async () => {
    first.play(well('Yes.'));
    let may = true;
    const answer = ask(['first'], { mayTry: () => may, onStart: () => (may = false) });
    expect((await answer).text).toBe('Yes.');
  });
});
