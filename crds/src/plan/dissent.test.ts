import { describe, expect, it } from 'vitest';
import { codePoints } from '../schema/fields.ts';
import { DISSENT_LIMITS, dissentLine, dissentListSchema, type Objection, settleDissent } from './dissent.ts';

const loss: Objection = { id: 'o1', severity: 'Blocker', claim: 'Rows vanish.', evidence: 'Step 2 drops them.' };
const source: Objection = { id: 'o2', severity: 'Major', claim: 'No source is named.' };

describe('objections and their answers', () => {
  it('are joined by id; what has no answer is Unanswered', () => {
    const answers = new Map([['o1', { response: 'Accepted' as const, reason: 'Task t2 keeps them.' }]]);
    expect(settleDissent([loss, source], answers)).toEqual([
      { ...loss, response: 'Accepted', reason: 'Task t2 keeps them.' },
      { ...source, response: 'Unanswered' },
    ]);
  });

  it.each([undefined, '', '  \u0007 '])('take a Rejected with the reason %j for no answer', (reason) => {
    const [settled] = settleDissent([source], new Map([['o2', { response: 'Rejected' as const, reason }]]));
    expect(settled).toEqual({ ...source, response: 'Unanswered' });
  });

  it('pass over answers to objections that nobody made', () => {
    const answers = new Map([['o7', { response: 'Rejected' as const, reason: 'No.' }]]);
    expect(settleDissent([source], answers).map(({ id, response }) => [id, response])).toEqual([['o2', 'Unanswered']]);
  });

  it('are fit for the contract whatever was written', () => {
    const wild = { ...loss, claim: `\u001b[2J${'🌊'.repeat(900)}\n`, evidence: '\u202e' };
    const answers = new Map([['o1', { response: 'Rejected' as const, reason: `${'é'.repeat(900)}` }]]);
    const settled = settleDissent([wild], answers);
    expect(dissentListSchema.parse(settled)).toEqual(settled);
    expect(settled[0]?.claim).not.toContain('\u001b');
    expect(settled[0]).not.toHaveProperty('evidence');
  });
});

describe('an objection on one line', () => {
  it('names severity, answer, claim and reason', () => {
    expect(dissentLine({ ...loss, response: 'Rejected', reason: 'They are counted.' })).toBe(
      '[Blocker, Rejected] Rows vanish. (They are counted.)',
    );
    expect(dissentLine({ ...source, response: 'Unanswered' })).toBe('[Major, Unanswered] No source is named.');
  });

  it('has its answer within the bound, however long claim and reason are', () => {
    const long = { ...loss, claim: '🌊'.repeat(256), response: 'Rejected' as const, reason: '🎪'.repeat(256) };
    const line = dissentLine(long);
    expect(codePoints(line)).toBe(DISSENT_LIMITS.text);
    expect(line).toMatch(/^\[Blocker, Rejected\] 🌊.*… \(🎪.*…\)$/u);
  });
});
