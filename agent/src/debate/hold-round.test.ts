import { type DebateAssignment, turnSchema } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import type { Completion } from '../providers/provider.ts';
import { createRehearsalProvider } from '../providers/rehearsal/rehearsal.ts';
import { holdRound } from './hold-round.ts';
import { type DebateEvent, RoundStopped } from './round.ts';
import { anAssignment, down, hold, plan } from './testing/hold-scripted.ts';

describe('a round', () => {
  it('hears visionary, critic and tactician in turn, each told what was said before', async () => {
    const { result, steps, promptOf } = await hold(anAssignment(), {
      visionary: 'A bold chart.',
      critic: 'VERDICT: reject\n- [major] source: none',
      tactician: plan,
    });
    expect(steps.map(({ key, chain: { providers } }) => [key, providers[0]])).toEqual([
      ['r1.visionary', 'kimi'],
      ['r1.critic', 'mistral'],
      ['r1.tactician.1', 'deepseek'],
    ]);
    expect(promptOf('r1.critic')).toContain('A bold chart.');
    expect(promptOf('r1.tactician.1')).toContain('source: none');
    expect(result.plan?.tasks).toHaveLength(1);
    expect(result.dissent).toEqual([{ id: 'o1', severity: 'Major', claim: 'source: none', response: 'Unanswered' }]);
    expect(result.failure).toBeUndefined();
    for (const turn of result.turns) expect(turnSchema.parse(turn)).toEqual(turn);
  });

  it('says of each turn who did not answer before the one that did', async () => {
    const kimi = { provider: 'kimi', reason: 'RateLimited' };
    const others = [kimi, { provider: 'claude', reason: 'NotGranted' }, { provider: 'groq', reason: 'Unreachable' }];
    const { result, events } = await hold(anAssignment(), {
      visionary: { text: 'A chart.', provider: 'mistral', passedOver: [kimi] },
      critic: { text: '', finishReason: 'refusal', provider: 'ollama', passedOver: others },
      tactician: plan,
    });
    expect(result.turns.map(({ seat, passedOver }) => [seat, passedOver])).toEqual([
      ['visionary', [kimi]],
      ['critic', others.slice(0, 2)],
      ['tactician', undefined],
    ]);
    for (const turn of result.turns) expect(turnSchema.parse(turn)).toEqual(turn);
    expect(events.find(({ type }) => type === 'turn-end')).toMatchObject({ provider: 'mistral', passedOver: [kimi] });
  });

  it('shows each turn as it is spoken', async () => {
    const { events } = await hold(anAssignment({ mode: 'Single' }), { tactician: plan });
    expect(events.map(({ type }) => type)).toEqual(['turn-start', 'turn-end']);
    expect(events[1]).toMatchObject({ seat: 'tactician', outcome: 'Answered', tokens: 15, provider: 'kimi' });
  });

  it('asks the tactician alone in Single mode, and has no dissent to show', async () => {
    const { result, steps } = await hold(anAssignment({ mode: 'Single' }), { tactician: plan });
    expect(steps.map(({ key }) => key)).toEqual(['r1.tactician.1']);
    expect(result).toMatchObject({ dissent: [], plan: { summary: 'A brief.' } });
  });

  it('gives every call the time of a turn', async () => {
    const { steps } = await hold(anAssignment(), { tactician: plan });
    expect(steps.map(({ deadlineMs }) => deadlineMs)).toEqual([30_000, 30_000, 30_000]);
  });
});

describe('a seat that fails', () => {
  it('is passed over when it is the visionary', async () => {
    const { result, promptOf } = await hold(anAssignment(), { visionary: down(), tactician: plan });
    expect(result.turns[0]).toMatchObject({
      seat: 'visionary',
      outcome: 'Failed',
      text: 'kimi is unreachable',
      inputTokens: 3,
    });
    expect(promptOf('r1.critic')).not.toContain('VISIONARY>>>');
    expect(result.plan).toBeDefined();
  });

  it('is an objection when it is the critic: that nobody objected must not look like approval', async () => {
    const { result } = await hold(anAssignment(), { critic: down('timeout'), tactician: plan });
    expect(result.dissent).toMatchObject([{ severity: 'Blocker', claim: 'no critic was heard: kimi is timeout' }]);
    expect(result.plan).toBeDefined();
    const refused = await hold(anAssignment(), { critic: { text: 'No.', finishReason: 'refusal' }, tactician: plan });
    expect(refused.result.dissent[0]?.claim).toMatch(/^no critic was heard: the model refused to answer/);
  });

  it.each([
    ['unreachable', 'ProviderUnavailable'],
    ['quota', 'ProviderUnavailable'],
    ['unauthorized', 'Unauthorized'],
    ['timeout', 'Timeout'],
    ['unusable', 'AnswerUnusable'],
  ] as const)('fails the round when it is the tactician: %s', async (kind, reason) => {
    const { result } = await hold(anAssignment(), { tactician: down(kind) });
    expect(result.failure).toEqual({ reason, message: `no plan: kimi is ${kind}` });
    expect(result.turns).toHaveLength(3);
    expect(result.plan).toBeUndefined();
  });

  it('ends the round without a turn when the wagon must stop', async () => {
    const { result, steps } = await hold(anAssignment(), {
      critic: new RoundStopped('BudgetExhausted', 'the grant is used up'),
    });
    expect(result.failure).toEqual({ reason: 'BudgetExhausted', message: 'the grant is used up' });
    expect(result.turns.map(({ seat }) => seat)).toEqual(['visionary']);
    expect(steps).toHaveLength(2);
  });

  it('passes on what is none of its business', async () => {
    const interrupted = new Error('hibernating');
    await expect(hold(anAssignment(), { critic: interrupted })).rejects.toBe(interrupted);
  });
});

describe('a plan that is not valid', () => {
  const bad = { ...plan, tasks: { t1: { ...plan.tasks.t1, path: '../x.md' } } };

  it('is asked for again with what is wrong, and with the answer that was refused', async () => {
    const { result, steps, promptOf } = await hold(anAssignment(), { 'r1.tactician.1': bad, 'r1.tactician.2': plan });
    expect(result.plan?.tasks[0]?.path).toBe('docs/brief.md');
    expect(promptOf('r1.tactician.2')).toMatch(/"\.\.\/x\.md" must be relative/);
    expect(steps[3]?.request.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(result.turns[2]).toMatchObject({ outcome: 'Answered', inputTokens: 20, outputTokens: 10 });
  });

  it('is asked for three times in all, and its text is kept', async () => {
    const answers = { 'r1.tactician.1': bad, 'r1.tactician.2': 'no JSON', 'r1.tactician.3': 'still no JSON' };
    const { result, steps } = await hold(anAssignment(), answers);
    expect(steps.map(({ key }) => key).slice(2)).toEqual(['r1.tactician.1', 'r1.tactician.2', 'r1.tactician.3']);
    expect(result.failure?.reason).toBe('PlanInvalid');
    expect(result.turns[2]).toMatchObject({ outcome: 'Failed', inputTokens: 30 });
    expect(result.turns[2]?.text).toContain('still no JSON');
    expect(result.dissent).toMatchObject([{ claim: 'Something.', response: 'Unanswered' }]);
  });

  it('is not asked for a third time when the same answer comes again', async () => {
    const { result, steps } = await hold(anAssignment(), { tactician: bad });
    expect(steps).toHaveLength(4);
    expect(result.failure?.message).toContain('the same answer came again');
  });

  it('is asked for in a shorter form when it was cut off, and never accepted as it is', async () => {
    const cut: Partial<Completion> = { text: JSON.stringify(plan), json: plan, finishReason: 'length' };
    const tight = { ...anAssignment().seats, tactician: { providers: ['deepseek'], maxTokens: 200 } };
    const { result, steps } = await hold(anAssignment({ seats: tight }), {
      'r1.tactician.1': cut,
      'r1.tactician.2': plan,
    });
    const slots = steps
      .slice(2)
      .map(({ request }) => Object.keys(request.schema?.schema.properties?.['tasks']?.properties ?? {}).length);
    expect(slots).toEqual([2, 1]);
    expect(result.plan).toBeDefined();
  });

  it('is not insisted on with a model that refuses', async () => {
    const { result, steps } = await hold(anAssignment(), {
      tactician: { text: 'I will not.', finishReason: 'refusal' },
    });
    expect(steps).toHaveLength(3);
    expect(result.failure).toEqual({ reason: 'AnswerUnusable', message: 'no plan: the model refused to answer' });
    expect(result.turns[2]?.text).toContain('I will not.');
  });

  it('is mended where that has only one reading, and each mending is said', async () => {
    const { result } = await hold(anAssignment(), {
      tactician: { ...plan, tasks: { ...plan.tasks, t2: { ...plan.tasks.t1, path: 'Docs/Brief.md' } } },
    });
    expect(result.plan?.tasks.map(({ path }) => path)).toEqual(['docs/brief.md', 'Docs/Brief-2.md']);
    expect(result.repairs).toEqual(['t2: the path “Docs/Brief.md” was taken; it is “Docs/Brief-2.md”']);
  });
});

describe('a round that goes on after a restart', () => {
  it('does not ask again for turns that were finished, failed ones included', async () => {
    const before = await hold(anAssignment(), {
      visionary: down(),
      critic: 'VERDICT: reject\n- [major] source: none',
      tactician: plan,
    });
    const resume = before.result.turns.slice(0, 2);
    const { result, steps } = await hold(anAssignment({ resume }), { tactician: plan });
    expect(steps.map(({ key }) => key)).toEqual(['r1.tactician.1']);
    expect(result).toEqual(before.result);
    expect(steps[0]?.request).toEqual(before.steps[2]?.request);
  });

  it('takes a finished plan as it is, and judges it again', async () => {
    const before = await hold(anAssignment(), { tactician: plan });
    const { result, steps } = await hold(anAssignment({ resume: before.result.turns }), {});
    expect(steps).toEqual([]);
    expect(result).toEqual(before.result);
    const forged = before.result.turns.map((turn) =>
      turn.seat === 'tactician' ? { ...turn, text: '{"tasks":[{"path":"../x"}]}' } : turn,
    );
    expect((await hold(anAssignment({ resume: forged }), {})).result.failure?.reason).toBe('PlanInvalid');
  });

  it('asks a tactician again that failed: that is what the new attempt is for', async () => {
    const before = await hold(anAssignment(), { tactician: down() });
    const { result, steps } = await hold(anAssignment({ resume: before.result.turns }), { tactician: plan });
    expect(steps.map(({ key }) => key)).toEqual(['r1.tactician.1']);
    expect(result.plan).toBeDefined();
  });
});

describe('a round held by the Rehearsal', () => {
  const rehearse = async (assignment: DebateAssignment) => {
    const rehearsal = createRehearsalProvider();
    const events: DebateEvent[] = [];
    const { signal } = new AbortController();
    const result = await holdRound(assignment, {
      signal,
      emit: (event) => events.push(event),
      ask: ({ request, onDelta, onStart }) => {
        onStart({ provider: 'rehearsal', model: 'rehearsal' });
        return rehearsal.complete(request, { signal, onDelta });
      },
    });
    return { result, events };
  };

  it('leaves a valid plan and dissent, and streams every turn', async () => {
    const { result, events } = await rehearse(anAssignment());
    expect(result.failure).toBeUndefined();
    expect(result.repairs).toEqual([]);
    expect(result.dissent.length).toBeGreaterThan(1);
    expect(result.plan?.tasks.length).toBeGreaterThan(2);
    const said = events
      .filter((event) => event.type === 'turn-delta' && event.seat === 'critic')
      .map((event) => ('text' in event ? event.text : ''));
    expect(said.join('')).toBe(result.turns[1]?.text);
  });

  it('answers the critic in the plan', async () => {
    const { result } = await rehearse(anAssignment());
    expect(result.plan?.tasks[0]?.instruction).toContain(result.dissent[0]?.claim);
    expect(result.dissent[0]?.response).toBe('Accepted');
    expect(result.dissent.slice(1).every(({ reason }) => reason?.includes('rehearsal'))).toBe(true);
  });

  it('changes the plan with the words of the feedback', async () => {
    const { result } = await rehearse(
      anAssignment({ round: 2, maxTasks: 10, feedback: ['Please add a table of the moon phases'] }),
    );
    expect(JSON.stringify(result.plan)).toContain('table of the moon phases');
    expect(result.plan?.tasks.some(({ title }) => title.includes('moon phases'))).toBe(true);
  });
});
