import { codePoints } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { aTurn, TWO_TASKS } from '../../../../testing/scripted-answers.ts';
import { decodeRound, encodeRound } from '../../../ports/round-record.ts';
import { sha256 } from '../../../runtime/digests.ts';
import { finishedRounds, mergeTurns, roundRecord, turnStatus } from './turns.ts';

describe('turns in status', () => {
  it('show who spoke, how much, and the beginning', () => {
    expect(turnStatus(aTurn('critic', 2, 'No tests.'))).toEqual({
      round: 2,
      seat: 'critic',
      provider: 'rehearsal',
      model: 'script',
      tokens: 30,
      sha256: sha256('No tests.'),
      excerpt: 'No tests.',
    });
  });

  it('have no hash when nothing was said', () => {
    expect(turnStatus({ ...aTurn('critic', 1, 'timed out'), outcome: 'Failed' })).not.toHaveProperty('sha256');
  });

  it('are fit for the schema, whatever a wagon calls its provider and model', () => {
    const turn = turnStatus({
      ...aTurn('critic', 1, `\u001b[31m${'é'.repeat(999)}`),
      provider: 'Not A Name',
      model: 'modèle',
    });
    expect(turn).not.toHaveProperty('provider');
    expect(turn.model).toBe('mod?le');
    expect(codePoints(turn.excerpt)).toBe(256);
    expect(turn.excerpt.startsWith('[31mé')).toBe(true);
  });

  it('of a round that runs are replaced, those of other rounds stay', () => {
    const first = mergeTurns(undefined, 1, [aTurn('visionary', 1), aTurn('critic', 1)]);
    const second = mergeTurns(first, 2, [aTurn('visionary', 2)]);
    expect(
      mergeTurns(second, 2, [aTurn('visionary', 2), aTurn('critic', 2)]).map(({ round, seat }) => `${round} ${seat}`),
    ).toEqual(['1 visionary', '1 critic', '2 visionary', '2 critic']);
    expect(finishedRounds(second, 2)).toEqual([1]);
  });
});

describe('a round that is kept', () => {
  it('comes back as it was', () => {
    const record = roundRecord(1, [aTurn('visionary', 1), aTurn('tactician', 1)], TWO_TASKS);
    expect(decodeRound(encodeRound(record))).toEqual(record);
    expect(encodeRound(record)).toBe(encodeRound(structuredClone(record)));
  });

  it('holds long turns shortened, with the hash of what it holds', () => {
    const [turn] = roundRecord(1, [aTurn('visionary', 1, '🎪'.repeat(60_000))], TWO_TASKS).turns;
    expect(codePoints(turn?.text ?? '')).toBeLessThan(48_100);
    expect(turn?.sha256).toBe(sha256(turn?.text ?? ''));
    expect(turn?.text.endsWith('[cut here: the rest lies in the vault]')).toBe(true);
  });

  it.each(['', 'no base64 !', Buffer.from('no gzip').toString('base64'), undefined])(
    'is nothing where there is only %j',
    (encoded) => {
      expect(decodeRound(encoded)).toBeUndefined();
    },
  );
});
