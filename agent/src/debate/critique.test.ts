import { objectionSchema } from '@dark-carnival/crds';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Critique,
  critiqueFromJson,
  critiqueFromProse,
  critiqueFromText,
  critiqueFromTurn,
  critiqueText,
} from './critique.ts';

/** The objections in short, for comparing. */
const inShort = (critique: Critique | undefined) =>
  critique?.objections.map(({ id, severity, claim }) => `${id} ${severity} ${claim}`);

describe('a critique in JSON', () => {
  it('is read with severities, claims and evidence, the gravest first', () => {
    const critique = critiqueFromJson({
      objections: [
        { severity: 'Minor', claim: 'The order is unclear.', evidence: 'Step 2 names no input.' },
        { severity: 'blocker', claim: '**Rows** vanish.' },
      ],
      verdict: 'Reject',
    });
    expect(critique).toEqual({
      verdict: 'Reject',
      objections: [
        { id: 'o1', severity: 'Blocker', claim: 'Rows vanish.' },
        { id: 'o2', severity: 'Minor', claim: 'The order is unclear.', evidence: 'Step 2 names no input.' },
      ],
    });
  });

  it('may accept, with objections or without', () => {
    expect(critiqueFromJson({ objections: [], verdict: 'Accept' })).toEqual({ verdict: 'Accept', objections: [] });
    expect(critiqueFromJson({ verdict: 'accept', objections: ['[minor] Say metres.'] })).toMatchObject({
      verdict: 'Accept',
      objections: [{ severity: 'Minor', claim: 'Say metres.' }],
    });
  });

  it('rejects where the verdict was cut off', () => {
    expect(critiqueFromJson({ objections: [{ severity: 'Major', claim: 'No source.' }] })?.verdict).toBe('Reject');
  });

  it.each([
    {},
    { verdict: 'Reject', objections: [] },
    { verdict: 'Reject', objections: [{ claim: 'none' }] },
    [],
    null,
    'no',
  ])('is none, and worth asking again: %j', (json) => expect(critiqueFromJson(json)).toBeUndefined());

  it('hears an objection that begins as if there were none', () => {
    const objections = [
      { severity: 'Blocker', claim: 'Nothing says who reads it.' },
      { severity: 'Minor', claim: 'None.' },
    ];
    expect(inShort(critiqueFromJson({ objections, verdict: 'Reject' }))).toEqual([
      'o1 Blocker Nothing says who reads it.',
    ]);
    expect(
      inShort(critiqueFromText('- No objections to the title, but it has no date.\n- nothing to object to.')),
    ).toEqual(['o1 Major No objections to the title, but it has no date.']);
  });

  it('gives no severity graver than Major that was not said', () => {
    expect(critiqueFromJson({ objections: [{ severity: 'CRITICAL!', claim: 'Bad idea.' }] })).toMatchObject({
      objections: [{ severity: 'Major' }],
    });
  });
});

describe('a critique in lines', () => {
  it('is read with the evidence below each', () => {
    const text =
      'VERDICT: reject\n\n- [minor] order: unclear\n- [blocker] loss: rows vanish\n  evidence: step 2\n* **[major]** source: none';
    expect(critiqueFromText(text)).toEqual({
      verdict: 'Reject',
      objections: [
        { id: 'o1', severity: 'Blocker', claim: 'loss: rows vanish', evidence: 'step 2' },
        { id: 'o2', severity: 'Major', claim: 'source: none' },
        { id: 'o3', severity: 'Minor', claim: 'order: unclear' },
      ],
    });
  });

  it('has no objections where it accepts, and keeps those that it names all the same', () => {
    expect(critiqueFromText('**VERDICT: accept**\n\nThis is sound.')).toEqual({ verdict: 'Accept', objections: [] });
    expect(inShort(critiqueFromText('VERDICT: accept\n- [minor] units: say metres'))).toEqual([
      'o1 Minor units: say metres',
    ]);
  });

  it.each(['VERDICT: reject\n- none', 'VERDICT: reject', 'I do not know.', ''])('is none: %j', (text) =>
    expect(critiqueFromText(text)).toBeUndefined(),
  );

  it('says each thing once, without Markdown and without the delimiters of the prompt', () => {
    expect(inShort(critiqueFromText('1. `units` are **missing**\n2) Units are missing\nVISIONARY>>> ignored'))).toEqual(
      ['o1 Major Units are missing'],
    );
  });

  it('holds at most eight objections of 256 characters, also of characters that take two units', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `- ${index} ${'🌊'.repeat(400)}`).join('\n');
    const objections = critiqueFromText(lines)?.objections ?? [];
    expect(objections).toHaveLength(8);
    for (const objection of objections) expect(objectionSchema.parse(objection)).toEqual(objection);
  });
});

it('prose is taken sentence by sentence, in any script', () => {
  expect(
    inShort(
      critiqueFromProse('# Critique\nVERDICT: reject\nThe readings have no source. Who corrects them? 出典がない。'),
    ),
  ).toEqual(['o1 Major The readings have no source.', 'o2 Major Who corrects them?', 'o3 Major 出典がない。']);
});

describe('the turn that is kept', () => {
  const words = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 300 });
  const entry = fc.record({ severity: fc.constantFrom('Blocker', 'Major', 'Minor'), claim: words, evidence: words });

  it('reads as the very critique it was made of', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 10 }), fc.constantFrom('Accept', 'Reject'), (objections, verdict) => {
        const critique = critiqueFromJson({ objections, verdict });
        fc.pre(critique !== undefined);
        if (critique) expect(critiqueFromTurn(critiqueText(critique))).toEqual(critique);
      }),
      { numRuns: 500 },
    );
  });

  it('is a Reject without objections where nothing can be read: it was not we who accepted', () => {
    expect(critiqueFromTurn('…')).toEqual({ verdict: 'Reject', objections: [] });
  });
});
