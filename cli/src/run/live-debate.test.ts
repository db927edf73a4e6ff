import type { TurnStatus, WagonEvent } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { recordingTerminal } from '../../testing/recording-terminal.ts';
import { LiveDebate } from './live-debate.ts';

const of = {
  seq: 1,
  at: '2026-11-24T00:00:00Z',
  objective: { namespace: 'default', name: 'x', uid: 'u' },
  jobID: 'u.debate.1.1',
};
const start = (seat: 'visionary' | 'critic', round = 1): WagonEvent => ({
  type: 'turn-start',
  ...of,
  round,
  seat,
  provider: 'kimi',
  model: 'kimi-k2.6',
});
const delta = (seat: 'visionary' | 'critic', text: string, round = 1): WagonEvent => ({
  type: 'turn-delta',
  ...of,
  round,
  seat,
  text,
});
const end = (
  seat: 'visionary' | 'critic',
  text: string,
  outcome: 'Answered' | 'Failed' = 'Answered',
  round = 1,
): WagonEvent => ({
  type: 'turn-end',
  ...of,
  round,
  seat,
  outcome,
  tokens: 5,
  text,
});
const inStatus = (seat: 'visionary' | 'critic', excerpt: string): TurnStatus => ({
  round: 1,
  seat,
  tokens: 5,
  excerpt,
  provider: 'kimi',
});

function debate() {
  const terminal = recordingTerminal();
  return { live: new LiveDebate(terminal), printed: () => terminal.stdout() };
}

describe('LiveDebate', () => {
  it('prints the pieces as they come, under the name of who speaks', () => {
    const { live, printed } = debate();
    for (const event of [
      start('visionary'),
      delta('visionary', 'A ch'),
      delta('visionary', 'art.'),
      end('visionary', 'A chart.'),
    ]) {
      live.hear(event);
    }
    expect(printed()).toBe('\nVisionary, round 1 (kimi, kimi-k2.6)\nA chart.\n');
  });

  it('names who speaks once that is known, and who takes over, and shows a plan in JSON later', () => {
    const { live, printed } = debate();
    const asked = { ...start('visionary'), model: '' } as WagonEvent;
    for (const event of [
      asked,
      start('visionary'),
      { ...start('visionary'), provider: 'groq', model: 'oss' } as WagonEvent,
      end('visionary', 'Yes.'),
    ]) {
      live.hear(event);
    }
    const tactician = { ...of, round: 1, seat: 'tactician' } as const;
    live.hear({ type: 'turn-start', ...tactician, provider: 'deepseek', model: 'v4' });
    for (const text of ['{"summary"', ':"x"', 'x'.repeat(390), '}'])
      live.hear({ type: 'turn-delta', ...tactician, text });
    live.hear({ type: 'turn-end', ...tactician, outcome: 'Answered', tokens: 1, text: '{}' });
    expect(printed()).toBe(
      '\nVisionary, round 1 (kimi, kimi-k2.6)\nnow groq, oss\nYes.\n\nTactician, round 1 (deepseek, v4)\nwrites the plan..\n',
    );
  });

  it('prints objections that came in JSON in the lines that they are kept in', () => {
    const { live, printed } = debate();
    for (const event of [
      start('critic'),
      delta('critic', '{"objections":'),
      delta('critic', '[]}'),
      end('critic', 'VERDICT: Accept'),
    ])
      live.hear(event);
    expect(printed()).toBe('\nCritic, round 1 (kimi, kimi-k2.6)\nwrites the objections\nVERDICT: Accept\n');
  });

  it('prints a turn whole that came without pieces, and says that one failed', () => {
    const { live, printed } = debate();
    live.hear(start('critic'));
    live.hear(end('critic', 'no provider answered', 'Failed'));
    expect(printed()).toBe('\nCritic, round 1 (kimi, kimi-k2.6)\nno provider answered\nthis turn failed\n');
  });

  it('tells nothing twice when the stream is read from its beginning again', () => {
    const { live, printed } = debate();
    const events = [start('visionary'), delta('visionary', 'A chart.'), end('visionary', 'A chart.')];
    for (const event of [...events, ...events]) live.hear(event);
    expect(printed().match(/A chart/g)).toHaveLength(1);
  });

  it('tells a turn again that failed and is held again', () => {
    const { live, printed } = debate();
    for (const event of [
      start('critic'),
      end('critic', 'timeout', 'Failed'),
      start('critic'),
      end('critic', 'No tide data.'),
    ])
      live.hear(event);
    expect(printed()).toContain('No tide data.');
  });

  it('fills in from the status what the stream did not bring, and only that', () => {
    const { live, printed } = debate();
    live.hear(start('visionary'));
    live.hear(end('visionary', 'A chart.'));
    const turns = [inStatus('visionary', 'A chart.'), inStatus('critic', 'No data.')];
    expect(live.hasAll(turns)).toBe(false);
    live.fillIn(turns);
    live.fillIn(turns);
    expect(live.hasAll(turns)).toBe(true);
    expect(printed()).toBe(
      '\nVisionary, round 1 (kimi, kimi-k2.6)\nA chart.\n\nCritic, round 1 (kimi)\nNo data. […]\n',
    );
  });

  it('lets no control character of a model through, also one cut in two', () => {
    const { live, printed } = debate();
    for (const event of [start('visionary'), delta('visionary', 'a\u001b'), delta('visionary', ']0;evil\u0007b\u202e')])
      live.hear(event);
    live.closeLine();
    expect(printed()).toContain('a]0;evilb\n');
  });
});

describe('a seat for which another provider answered', () => {
  const passedOver = [{ provider: 'kimi', reason: 'RateLimited' }];

  it('is told live, and where only the status tells it, once each', () => {
    const terminal = recordingTerminal();
    const live = new LiveDebate(terminal);
    live.hear(start('visionary'));
    live.hear({ ...end('visionary', 'A chart.'), provider: 'mistral', passedOver } as WagonEvent);
    const known = { ...inStatus('visionary', 'A chart.'), provider: 'mistral', passedOver };
    live.fillIn([known, { ...inStatus('critic', 'No sources.'), provider: 'groq', passedOver }]);
    const said = terminal
      .stdout()
      .split('\n')
      .filter((line) => line.includes('answered for'));
    expect(said).toEqual(['mistral answered for kimi (RateLimited)', 'groq answered for kimi (RateLimited)']);
  });
});
