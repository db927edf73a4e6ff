import { describe, expect, it } from 'vitest';
import { noCriticHeard, objectionsIn } from './dissent.ts';

describe('the objections in what a critic says', () => {
  it('are its lines, the gravest first', () => {
    const answer =
      'VERDICT: reject\n\n- [minor] order: unclear\n- [blocker] loss: rows vanish\n* **[major]** source: none';
    expect(objectionsIn(answer)).toEqual([
      '[blocker] loss: rows vanish',
      '[major] source: none',
      '[minor] order: unclear',
    ]);
  });

  it('are none where it accepts', () => {
    expect(objectionsIn('VERDICT: accept\n\nThis is sound. I have nothing to add.')).toEqual([]);
    expect(objectionsIn('VERDICT: reject\n- none')).toEqual([]);
  });

  it('are still heard where it accepts with reservations', () => {
    expect(objectionsIn('VERDICT: accept\n- [minor] units: say metres')).toEqual(['[minor] units: say metres']);
  });

  it('are found in plain prose too', () => {
    expect(
      objectionsIn('# Critique\nVERDICT: reject\nThe readings have no source. Who corrects them? 出典がない。'),
    ).toEqual(['The readings have no source.', 'Who corrects them?', '出典がない。']);
  });

  it('are said once, without Markdown and without the delimiters of the prompt', () => {
    expect(objectionsIn('1. `units` are **missing**\n2) units are missing\nVISIONARY>>> ignored')).toEqual([
      'units are missing',
    ]);
  });

  it('are at most eight of 256 characters, also of characters that take two units', () => {
    const found = objectionsIn(Array.from({ length: 20 }, (_, index) => `- ${index} ${'🌊'.repeat(400)}`).join('\n'));
    expect(found).toHaveLength(8);
    for (const objection of found) expect([...objection].length).toBeLessThanOrEqual(256);
  });
});

it('that nobody objected because nobody was heard is an objection', () => {
  expect(noCriticHeard('mistral did not\nanswer')).toBe('no critic was heard: mistral did not answer');
});
