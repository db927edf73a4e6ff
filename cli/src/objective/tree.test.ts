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
      '   ├─ critic, round 1: mistral answered for kimi (RateLimited)',
      '   ├─ t1  Plan  Succeeded, attempt 2  fair/plan.md  mistral answered for kimi (RateLimited)',
      '   ├─ t2  Build  Running on lxc-osint',
      '   └─ tent  Debating (paused)',
      'no wagon',
      '└─ adrift  Pending',
    ]);
    expect(treeText({ wagons: [], objectives: [] }, plain)).toBe('no wagons, no objectives');
  });

  it('of one Objective has it and its descendants', () => {
    expect(familyOf(parent, [alone, child, parent]).map(({ metadata }) => metadata.name)).toEqual(['fair', 'tent']);
    expect(familyOf(child, [alone, child, parent]).map(({ metadata }) => metadata.name)).toEqual(['tent']);
  });
});
