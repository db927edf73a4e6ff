import { anObjective, aWagon } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { paintFor } from '../terminal/terminal.ts';
import { familyOf, treeText } from './tree.ts';

const plain = paintFor(false);
const instead = { provider: 'mistral', passedOver: [{ provider: 'kimi', reason: 'RateLimited' }] };
const parent = anObjective({
  metadata: { name: 'fair', uid: 'u1' },
  status: {
    phase: 'Executing',
    wagonName: 'lxc-core',
    taskSummary: '1/2',
    debate: {
      round: 2,
      turns: [
        { round: 1, seat: 'visionary', ...instead, tokens: 1, excerpt: '' },
        { round: 1, seat: 'critic', ...instead, tokens: 1, excerpt: '' },
        { round: 2, seat: 'visionary', provider: 'kimi', tokens: 1, excerpt: '' },
      ],
    },
    tasks: [
      {
        id: 't1',
        title: 'Plan\u001b[2J',
        kind: 'File',
        state: 'Succeeded',
        attempt: 2,
        wagonName: 'lxc-core',
        ...instead,
        artifact: { wagonName: 'lxc-core', file: 'fair/plan.md', sha256: '', bytes: 1, state: 'Available' },
      },
      { id: 't2', title: 'Build', kind: 'Objective', state: 'Running', attempt: 1, wagonName: 'lxc-osint' },
    ],
  },
});
const child = anObjective({
  metadata: { name: 'tent', uid: 'u2' },
  spec: { parentRef: { name: 'fair', uid: 'u1' }, desiredState: 'Paused' },
  status: { phase: 'Debating', wagonName: 'lxc-core' },
});
const alone = anObjective({ metadata: { name: 'adrift', uid: 'u3' } });

describe('the tree', () => {
  it('shows each wagon with what it hosts, fallbacks of the last round, tasks and children under their Objective', () => {
    expect(treeText({ wagons: [aWagon()], objectives: [alone, child, parent] }, plain).split('\n')).toEqual([
      'LXC-CORE  CORE  Ready',
      '└─ fair  Executing  1/2 tasks',
      '   ├─ round 1: 2 tokens (visionary 1, critic 1)',
      '   ├─ round 2: 1 tokens',
      '   ├─ critic, round 1: mistral answered for kimi (RateLimited)',
      '   ├─ t1  Plan  Succeeded, attempt 2  fair/plan.md  mistral answered for kimi (RateLimited)',
      '   ├─ t2  Build  Running on lxc-osint',
      '   └─ tent  Debating (paused)',
      'no wagon',
      '└─ adrift  Pending',
    ]);
    expect(treeText({ wagons: [], objectives: [] }, plain)).toBe('no wagons, no objectives');
  });

  it('says what each round, seat and task cost, and what came to nothing, to the millionth', () => {
    const tokens = 10;
    const turn = (round: number, seat: 'visionary' | 'critic' | 'tactician', costUSD: string) =>
      ({ round, seat, tokens, costUSD, excerpt: '' }) as const;
    const objective = anObjective({
      metadata: { name: 'fair', uid: 'u1' },
      status: {
        phase: 'Completed',
        wagonName: 'lxc-core',
        usage: {
          inputTokens: 90,
          outputTokens: 10,
          totalTokens: 100,
          estimatedTokens: 7,
          costUSD: '0.5',
          calls: 9,
          unsettled: 0,
        },
        debate: {
          round: 1,
          turns: [
            turn(1, 'visionary', '0.1'),
            { ...turn(1, 'critic', '0.000001'), estimatedTokens: 7 },
            turn(1, 'tactician', '0.2'),
          ],
        },
        tasks: [{ id: 't1', title: 'Plan', kind: 'File', state: 'Succeeded', tokens: 60, costUSD: '0.15' }],
      },
    });
    expect(treeText({ wagons: [aWagon()], objectives: [objective] }, plain).split('\n')).toEqual([
      'LXC-CORE  CORE  Ready',
      '└─ fair  Completed  ~100 tokens (7 estimated), 0.5 USD',
      '   ├─ round 1: ~30 tokens (7 estimated), 0.300001 USD (visionary 10 for 0.1 USD, critic ~10 for 0.000001 USD, tactician 10 for 0.2 USD)',
      '   ├─ t1  Plan  Succeeded  60 tokens, 0.15 USD',
      '   └─ attempts that came to nothing: 10 tokens, 0.049999 USD',
    ]);
  });

  it('of one Objective has it and its descendants', () => {
    expect(familyOf(parent, [alone, child, parent]).map(({ metadata }) => metadata.name)).toEqual(['fair', 'tent']);
    expect(familyOf(child, [alone, child, parent]).map(({ metadata }) => metadata.name)).toEqual(['tent']);
  });
});
