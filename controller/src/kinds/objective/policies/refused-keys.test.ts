import { describe, expect, it } from 'vitest';
import { aSnapshot, aWagonFacts } from '../../../../testing/a-snapshot.ts';
import type { AttemptOver } from './job-verdict.ts';
import { afterRefusedKey } from './refused-keys.ts';

const over = (reason: string): AttemptOver => ({
  verdict: 'over',
  cause: { reason, message: 'x' },
  retryable: false,
  lost: false,
  cancel: false,
});
const chains = [{ providers: ['kimi'], maxTokens: 1000 }];
const reached = (kimi: 'True' | 'False') =>
  aSnapshot({ wagons: new Map([['a', aWagonFacts({ name: 'a', health: new Map([['kimi', kimi]]) })]]) });

describe('an attempt whose key was refused', () => {
  it('is not the last where nobody can be asked any more: the work waits for a key, at no cost of its own', () => {
    expect(afterRefusedKey(over('Unauthorized'), chains, reached('False'))).toMatchObject({
      retryable: true,
      lost: true,
    });
  });

  it('is the last where somebody is said to be well: the next would be refused, too', () => {
    expect(afterRefusedKey(over('Unauthorized'), chains, reached('True'))).toEqual(over('Unauthorized'));
  });

  it('is the only one that this concerns', () => {
    expect(afterRefusedKey(over('BudgetExhausted'), chains, reached('False'))).toEqual(over('BudgetExhausted'));
  });
});
