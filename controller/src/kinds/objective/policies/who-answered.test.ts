import { describe, expect, it } from 'vitest';
import { FELL_BACK, fallBackEvents, placesOf, whoAnswered } from './who-answered.ts';

const kimi = { provider: 'kimi', reason: 'RateLimited' };

describe('who answered, as a wagon says it', () => {
  it('is kept where it is fit for a status', () => {
    const said = { provider: 'mistral-large', model: 'mistral-large-3', passedOver: [kimi] };
    expect(whoAnswered(said)).toEqual(said);
  });

  it('is cut to what a status holds, without what is no name, no reason, or the one that answered', () => {
    const passedOver = [
      { provider: 'Not A Name', reason: 'RateLimited' },
      { provider: 'kimi', reason: 'approved: yes' },
      { provider: 'mistral', reason: 'Overloaded' },
      kimi,
      { provider: 'deepseek', reason: 'Unreachable' },
      { provider: 'claude', reason: 'Unreachable' },
    ];
    expect(whoAnswered({ provider: 'mistral', passedOver })).toEqual({
      provider: 'mistral',
      passedOver: [kimi, { provider: 'deepseek', reason: 'Unreachable' }],
    });
  });
});

describe('the Events of a fallback', () => {
  const seat = (place: string, passedOver = [kimi]) => ({ place, provider: 'mistral', passedOver });

  it('name the seat, who answered for whom, and why', () => {
    expect(fallBackEvents([], [seat('critic')])).toEqual([
      { type: 'Warning', reason: FELL_BACK, message: 'critic: mistral answered for kimi (RateLimited)' },
    ]);
  });

  it('come once for each seat and reason, not with each round or task', () => {
    const other = [{ provider: 'kimi', reason: 'Unreachable' }];
    const after = [seat('critic'), seat('critic'), seat('visionary'), seat('critic', other), seat('execution')];
    expect(fallBackEvents([seat('critic')], after).map(({ message }) => message)).toEqual([
      'visionary: mistral answered for kimi (RateLimited)',
      'critic: mistral answered for kimi (Unreachable)',
      'execution: mistral answered for kimi (RateLimited)',
    ]);
    expect(fallBackEvents(after, after)).toEqual([]);
  });

  it('are not made of answers of the first, nor of places where nobody answered', () => {
    const tasks = [{ id: 't1', title: 'T', kind: 'File', state: 'Pending' } as const];
    expect(placesOf(undefined, tasks)).toEqual([{ place: 'execution', provider: undefined, passedOver: undefined }]);
    expect(fallBackEvents([], [...placesOf([], tasks), { place: 'critic', provider: 'kimi' }])).toEqual([]);
  });
});
