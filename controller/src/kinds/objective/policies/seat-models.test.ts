import type { ObjectiveStatus, TurnStatus } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { aProviderFacts, aSnapshot } from '../../../../testing/a-snapshot.ts';
import { decide } from '../plan.ts';
import { seatModels } from './seat-models.ts';

const providers = [
  aProviderFacts({ name: 'moon', type: 'Kimi', model: 'kimi-k2.6' }),
  aProviderFacts({ name: 'azure', type: 'AzureOpenAI', model: 'gpt-4.1' }),
  aProviderFacts({ name: 'gpt', type: 'OpenAI', model: 'gpt-4.1' }),
  aProviderFacts({ name: 'local', type: 'Ollama' }),
];
const turn = (seat: TurnStatus['seat'], model: string, more: Partial<TurnStatus> = {}): TurnStatus => ({
  round: 1,
  seat,
  provider: 'moon',
  model,
  tokens: 1,
  sha256: `sha256:${'a'.repeat(64)}`,
  excerpt: '',
  ...more,
});
const models = (debate: object, status: ObjectiveStatus) =>
  seatModels(
    aSnapshot({
      providers,
      spec: { debate: { mode: 'Debate', rounds: 1, turnTimeoutSeconds: 300, ...debate } as never },
    }),
    status,
  );
const seats = (visionary: string, critic: string, tactician: string) => ({
  seats: {
    visionary: { providers: [visionary] },
    critic: { providers: [critic] },
    tactician: { providers: [tactician] },
  },
});
const begun = (turns: TurnStatus[] = []): ObjectiveStatus => ({ phase: 'Debating', debate: { round: 1, turns } });

describe('the models in the seats', () => {
  it('are those that the chains begin with, until somebody has spoken', () => {
    expect(models(seats('moon', 'gpt', 'local'), begun())).toEqual({
      distinct: true,
      models: 'kimi-k2.6, gpt-4.1, local',
    });
    expect(models(seats('moon', 'moon', 'moon'), begun())).toEqual({ distinct: false, models: 'kimi-k2.6' });
  });

  it('are the same where two places have one model', () => {
    expect(models(seats('azure', 'gpt', 'gpt'), begun())).toEqual({ distinct: false, models: 'gpt-4.1' });
  });

  it('are those that answered, whatever was expected: a fallback may leave one in all seats', () => {
    const turns = [turn('visionary', 'gpt-4.1'), turn('critic', 'gpt-4.1'), turn('tactician', 'gpt-4.1')];
    expect(models(seats('moon', 'gpt', 'gpt'), begun(turns.slice(0, 1)))).toMatchObject({ distinct: false });
    expect(models(seats('moon', 'gpt', 'local'), { ...begun(turns), phase: 'AwaitingHuman' })).toMatchObject({
      distinct: false,
    });
    const back = [...turns, turn('visionary', 'kimi-k2.6', { round: 2 })];
    expect(models(seats('moon', 'gpt', 'gpt'), begun(back))).toEqual({ distinct: true, models: 'kimi-k2.6, gpt-4.1' });
  });

  it('do not count turns that failed', () => {
    const turns = [turn('visionary', 'kimi-k2.6'), { ...turn('critic', 'gpt-4.1'), sha256: undefined } as never];
    expect(models(seats('moon', 'gpt', 'moon'), { ...begun(turns), phase: 'Completed' })).toMatchObject({
      distinct: false,
    });
  });

  it('say nothing of a Single debate, nor of one that was not assigned', () => {
    expect(models({ mode: 'Single' }, begun())).toBeUndefined();
    expect(models({}, { phase: 'Pending' })).toBeUndefined();
    expect(models({}, { phase: 'Aborted', debate: { round: 1 } })).toBeUndefined();
  });
});

describe('the condition DistinctModels', () => {
  it('is a hint: it says that one model sits in all seats, and Ready is what it would be without', () => {
    const { status } = decide(aSnapshot());
    const conditions = new Map(status.conditions?.map((condition) => [condition.type, condition]));
    expect(conditions.get('DistinctModels')).toMatchObject({ status: 'False', reason: 'OneModelInAllSeats' });
    expect(conditions.get('Ready')).toMatchObject({ reason: 'Scheduled' });
    expect(conditions.has('Stalled')).toBe(false);
  });
});
