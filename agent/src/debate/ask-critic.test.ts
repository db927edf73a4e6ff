import { dissentListSchema } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { anAssignment, down, hold, plan } from './testing/hold-scripted.ts';

const critique = {
  objections: [
    { severity: 'Major', claim: 'No source of the readings is named.', evidence: 'The draft says “readings”.' },
    { severity: 'Blocker', claim: 'The sill is forgotten.' },
  ],
  verdict: 'Reject',
};
const inJson = (answer: object) => ({ text: JSON.stringify(answer), json: answer });
const answers = {
  o1: { response: 'Accepted', reason: 'The brief names the sill.' },
  o2: { response: 'Rejected', reason: 'The DIRECTIVE gives the source.' },
};

describe('a critic', () => {
  it('is asked for JSON by schema, and its turn reads as lines', async () => {
    const { result, steps } = await hold(anAssignment(), { critic: inJson(critique), tactician: plan });
    expect(steps[1]?.request.schema?.name).toBe('critique');
    expect(result.turns[1]?.text).toBe(
      'VERDICT: Reject\n\n- o1 [Blocker] The sill is forgotten.\n- o2 [Major] No source of the readings is named.\n  evidence: The draft says “readings”.',
    );
    expect(result.verdict).toBe('Reject');
    expect(dissentListSchema.parse(result.dissent)).toEqual(result.dissent);
  });

  it('is understood in lines too, and not asked again', async () => {
    const text = 'REHEARSAL\nVERDICT: accept\n- [minor] Say metres.';
    const { result, steps } = await hold(anAssignment(), { critic: text, tactician: plan });
    expect(steps.map(({ key }) => key)).toEqual(['r1.visionary', 'r1.critic', 'r1.tactician.1']);
    expect(result.turns[1]?.text).toBe(text);
    expect(result).toMatchObject({ verdict: 'Accept', dissent: [{ severity: 'Minor', claim: 'Say metres.' }] });
  });

  it('is asked once more where nothing can be read, with what it said', async () => {
    const { result, steps, promptOf } = await hold(anAssignment(), {
      'r1.critic': inJson({ verdict: 'Reject', objections: [] }),
      'r1.critic.2': inJson(critique),
      tactician: plan,
    });
    expect(promptOf('r1.critic.2')).toContain('neither an objection nor an acceptance');
    expect(steps[2]?.request.messages[0]).toEqual(steps[1]?.request.messages[0]);
    expect(result.dissent).toHaveLength(2);
    expect(result.turns[1]).toMatchObject({ outcome: 'Answered', inputTokens: 20, outputTokens: 10 });
  });

  it('is taken at its prose in the end, as a Reject', async () => {
    const { result, steps } = await hold(anAssignment(), { critic: 'The sill is forgotten.', tactician: plan });
    expect(steps.map(({ key }) => key)).toContain('r1.critic.2');
    expect(result).toMatchObject({
      verdict: 'Reject',
      dissent: [{ severity: 'Major', claim: 'The sill is forgotten.' }],
    });
  });

  it('has failed where nothing at all can be read, and that is a Blocker', async () => {
    const { result } = await hold(anAssignment(), { critic: inJson({ thoughts: 7 }), tactician: plan });
    expect(result.turns[1]?.outcome).toBe('Failed');
    expect(result).toMatchObject({ verdict: 'Reject', dissent: [{ severity: 'Blocker', response: 'Unanswered' }] });
    expect(result.plan).toBeDefined();
  });

  it('keeps what it said when the second asking fails', async () => {
    const { result } = await hold(anAssignment(), {
      'r1.critic': 'Hm',
      'r1.critic.2': down('timeout'),
      tactician: plan,
    });
    expect(result.turns[1]).toMatchObject({ outcome: 'Failed', inputTokens: 13 });
    expect(result.dissent[0]?.claim).toBe('no critic was heard: kimi is timeout');
    const prose = await hold(anAssignment(), {
      'r1.critic': 'The sill is forgotten.',
      'r1.critic.2': down('timeout'),
      tactician: plan,
    });
    expect(prose.result.turns[1]).toMatchObject({ outcome: 'Answered', inputTokens: 13 });
  });
});

describe('the tactician', () => {
  it('answers each objection under its id, and its answers stand beside them', async () => {
    const { result, steps, promptOf } = await hold(anAssignment(), {
      critic: inJson(critique),
      tactician: { ...plan, answers },
    });
    const schema = steps[2]?.request.schema?.schema.properties?.['answers'];
    expect(Object.keys(schema?.properties ?? {})).toEqual(['o1', 'o2']);
    expect(promptOf('r1.tactician.1')).toContain('- o1 [Blocker] The sill is forgotten.');
    expect(result.dissent).toMatchObject([
      { id: 'o1', severity: 'Blocker', ...answers.o1 },
      { id: 'o2', severity: 'Major', ...answers.o2 },
    ]);
  });

  it.each([
    ['no answers', undefined],
    ['answers of another form', 'all of them'],
    ['another word', { o1: { response: 'Noted', reason: 'Yes.' }, o2: { response: 'Rejected', reason: ' ' } }],
    ['answers to what nobody said', { o7: { response: 'Accepted', reason: 'Sure.' } }],
  ])('leaves objections Unanswered with %s, and is not asked again for that', async (_what, given) => {
    const { result, steps } = await hold(anAssignment(), {
      critic: inJson(critique),
      tactician: { ...plan, answers: given },
    });
    expect(steps).toHaveLength(3);
    expect(result.dissent.map(({ response }) => response)).toEqual(['Unanswered', 'Unanswered']);
  });

  it('is asked for no answers where nobody objected, nor alone, nor where tokens are few', async () => {
    const accepts = await hold(anAssignment(), {
      critic: inJson({ verdict: 'Accept', objections: [] }),
      tactician: plan,
    });
    const single = await hold(anAssignment({ mode: 'Single' }), { tactician: { ...plan, answers } });
    const seats = { ...anAssignment().seats, tactician: { providers: ['deepseek'], maxTokens: 240 } };
    const short = await hold(anAssignment({ seats, maxTasks: 2 }), { critic: inJson(critique), tactician: plan });
    for (const { steps } of [accepts, single, short])
      expect(steps.at(-1)?.request.schema?.schema.properties).not.toHaveProperty('answers');
    expect(accepts.result).toMatchObject({ verdict: 'Accept', dissent: [] });
    expect(single.result.dissent).toEqual([]);
    expect(single.result).not.toHaveProperty('verdict');
    expect(short.result.dissent.map(({ response }) => response)).toEqual(['Unanswered', 'Unanswered']);
  });

  it('is heard again the same after a restart', async () => {
    const before = await hold(anAssignment(), { critic: inJson(critique), tactician: { ...plan, answers } });
    const again = await hold(anAssignment({ resume: before.result.turns }), {});
    expect(again.steps).toEqual([]);
    expect(again.result).toEqual(before.result);
  });
});

it('the next round is told what still speaks against the last plan', async () => {
  const before = await hold(anAssignment(), { critic: inJson(critique), tactician: plan });
  const { promptOf } = await hold(anAssignment({ round: 2, history: before.result.turns }), { tactician: plan });
  expect(promptOf('r2.visionary')).toContain(
    '<<<LAST-OBJECTIONS\nVERDICT: Reject\n\n- o1 [Blocker] The sill is forgotten.',
  );
});
