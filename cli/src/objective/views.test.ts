import type { HubVaultList, Plan } from '@dark-carnival/crds';
import { anObjective, aPlan, aPlanTask, aWagon } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { planView } from '../plan/plan-view.ts';
import { paintFor } from '../terminal/terminal.ts';
import { findFile } from '../vault/file-reference.ts';
import { vaultTable } from '../vault/vault-table.ts';
import { detailText } from './detail.ts';
import { overviewText } from './overview.ts';
import { queuePositions } from './standing.ts';
import { transcriptText } from './transcript-text.ts';

const plain = paintFor(false);
const NOW = Date.parse('2026-11-24T12:00:00Z');
const HASH = `sha256:${'a'.repeat(64)}`;
const EVIL = '\u001b]52;c;cm0gLXJm\u0007\u202e\u009b2J';
/** Control and format characters, but for line feed and tab. */
const CONTROL = /(?![\n\t])[\p{Cc}\p{Cf}]/u;

const queued = (name: string, since: string) =>
  anObjective({ metadata: { name }, status: { phase: 'Pending', queue: { reason: 'WagonBusy', since } } });

describe('the overview', () => {
  it('counts the queue by who waits longest', () => {
    const positions = queuePositions([
      queued('late', '2026-11-24T11:59:00Z'),
      queued('early', '2026-11-24T11:00:00Z'),
      anObjective({
        metadata: { name: 'gone' },
        status: { phase: 'Aborted', queue: { reason: 'X', since: '2026-11-24T10:00:00Z' } },
      }),
    ]);
    expect(Object.fromEntries(positions)).toEqual({ early: { position: 1, of: 2 }, late: { position: 2, of: 2 } });
  });

  it('shows wagons and objectives, and what a person can do', () => {
    const objectives = [
      queued('late', '2026-11-24T11:59:00Z'),
      anObjective({
        metadata: { name: 'tide-chart', creationTimestamp: '2026-11-24T11:00:00Z' },
        status: { phase: 'AwaitingHuman', wagonName: 'lxc-core' },
      }),
    ];
    const nodes = [{ name: 'lxc-core', nodeID: 'LXC-CORE', role: 'CORE', heartbeatAgeSeconds: 3.4, providers: [] }];
    expect(
      overviewText({ wagons: [aWagon()], objectives, nodes }, NOW, plain)
        .split('\n')
        .map((line) => line.trimEnd()),
    ).toEqual([
      'WAGON      ROLE   PHASE   JOBS   HEARD    MODELS',
      'LXC-CORE   CORE   Ready   -      3s ago   -',
      '',
      'OBJECTIVE    PHASE           WAGON      TASKS   TOKENS   COST   AGE',
      'late         Pending         -          -       -        -      26h   WagonBusy, 1 of 1 in the queue',
      'tide-chart   AwaitingHuman   lxc-core   -       -        -      60m   npx carnival plan tide-chart',
    ]);
  });

  it('tells a newcomer how to begin', () => {
    expect(overviewText({ wagons: [], objectives: [], nodes: undefined }, NOW, plain)).toContain('npx carnival run "');
  });
});

describe('what a model wrote', () => {
  const plan: Plan = {
    ...aPlan([{ title: `Write ${EVIL}`, instruction: `line one\n${EVIL}line two`, risk: 'High', dependsOn: [] }]),
    apiVersion: 'darkcarnival.dev/v1alpha1',
    kind: 'Plan',
    number: 2,
    objective: { namespace: 'default', name: 'tide-chart', uid: 'u' },
    execution: { providers: ['kimi'], maxTokens: 100, parallelism: 4, taskTimeoutSeconds: 600, retries: 1 },
    inputs: { contextDigest: HASH, skillsDigest: HASH },
    forecast: { tokens: 12_000, costUSD: '0.02' },
  };
  const objective = anObjective({
    spec: { directive: `goal ${EVIL}` },
    status: {
      phase: 'AwaitingHuman',
      debate: { round: 1, turns: [{ round: 1, seat: 'critic', tokens: 1, excerpt: EVIL }] },
      approvalRequest: {
        id: 'u-2',
        planHash: HASH,
        requestedAt: '2026-11-24T00:00:00Z',
        feedbackLeft: 4,
        forecast: { tokens: 1 },
        dissent: [`no data ${EVIL}`],
      },
    },
  });

  it('is shown whole, and harmless: the plan', () => {
    const view = planView({ plan, hash: HASH, configMapName: 'x' }, objective, { paint: plain, columns: 80 });
    for (const part of [
      'Plan 2 of tide-chart',
      'line one',
      'line two',
      'leaves file-1.md',
      'risk High',
      '12,000 tokens, 0.02 USD',
      'no data',
      '4 rounds left',
      HASH,
    ]) {
      expect(view).toContain(part);
    }
    expect(view).not.toMatch(CONTROL);
  });

  it('is shown with each objection, how it was answered, and why the debate ended', () => {
    const dissent: Plan['dissent'] = [
      { id: 'o1', severity: 'Blocker', claim: `rows vanish ${EVIL}`, evidence: 'step 2', response: 'Unanswered' },
      { id: 'o2', severity: 'Minor', claim: 'no units', response: 'Rejected', reason: `metres ${EVIL}` },
    ];
    const status = { ...objective.status, debate: { round: 2, stopReason: 'Stall' } };
    const view = planView(
      { plan: { ...plan, dissent }, hash: HASH, configMapName: 'x' },
      { ...objective, status } as typeof objective,
      { paint: plain, columns: 80 },
    );
    expect(view).toMatch(/dissent {4}\[Blocker\] rows vanish.*\n {13}seen in: step 2\n {13}Unanswered\n/);
    expect(view).toMatch(/\n {13}\[Minor\] no units\n {13}Rejected: metres/);
    expect(view).toContain('nearly the same plan again (round 2)');
    expect(view).not.toMatch(CONTROL);
  });

  it('says where one model sat in all seats, but not of a rehearsal', () => {
    const shown = (provider: string) => {
      const conditions = [
        {
          type: 'DistinctModels',
          status: 'False',
          reason: 'OneModelInAllSeats',
          message: `Every seat is ${EVIL} k2.`,
          lastTransitionTime: '',
        },
      ];
      const turns = [{ round: 1, seat: 'critic', provider, tokens: 1, excerpt: '' }];
      const status = { ...objective.status, conditions, debate: { round: 1, turns } };
      return planView({ plan, hash: HASH, configMapName: 'x' }, { ...objective, status } as typeof objective, {
        paint: plain,
        columns: 80,
      });
    };
    expect(shown('kimi')).toMatch(/\n +models {5}Every seat is.*k2\./);
    expect(shown('kimi')).not.toMatch(CONTROL);
    expect(shown('rehearsal')).not.toContain('Every seat');
  });

  it('is harmless in detail, transcript and vault list', () => {
    expect(detailText(objective, undefined, NOW, plain)).not.toMatch(CONTROL);
    const turn = {
      round: 1,
      seat: 'critic' as const,
      outcome: 'Answered' as const,
      text: EVIL,
      provider: EVIL,
      passedOver: [{ provider: 'kimi', reason: 'RateLimited' }],
      sha256: HASH,
      inputTokens: 1,
      outputTokens: 1,
    };
    const transcript = {
      objective: 'x',
      namespace: 'default',
      directive: EVIL,
      turns: [turn],
      feedback: [{ afterRound: 1, by: EVIL, text: 'Use UTC' }],
    };
    expect(transcriptText(transcript, plain)).not.toMatch(CONTROL);
    expect(transcriptText(transcript, plain)).toContain('Use UTC');
    expect(transcriptText(transcript, plain)).toContain('answered for kimi (RateLimited)');
    expect(
      vaultTable({ files: [file('lxc-core', 'x/a.md', { title: EVIL, model: EVIL })], unreachable: [] }, NOW),
    ).not.toMatch(CONTROL);
  });

  it('says what a task needs to be accepted', () => {
    const task = aPlanTask({ acceptance: { type: 'Contains', value: 'UTC' } });
    expect(
      planView({ plan: { ...plan, tasks: [task] }, hash: HASH, configMapName: 'x' }, objective, {
        paint: plain,
        columns: 80,
      }),
    ).toContain('contains "UTC"');
  });
});

function file(
  node: string,
  path: string,
  more: Partial<HubVaultList['files'][number]> = {},
): HubVaultList['files'][number] {
  return {
    node,
    file: path,
    namespace: 'default',
    objective: path.split('/')[0] ?? '',
    objectiveUID: 'u',
    task: 't1',
    title: 'A file',
    sha256: HASH,
    bytes: 2048,
    provider: 'rehearsal',
    model: 'rehearsal',
    rehearsal: true,
    usage: { inputTokens: 1, outputTokens: 1 },
    createdAt: '2026-11-24T11:59:00Z',
    ...more,
  };
}

describe('a file in the vault', () => {
  const list = {
    files: [
      file('lxc-core', 'tide/chart.md'),
      file('lxc-osint', 'tide/chart.md'),
      file('lxc-core', 'tide/code/main.py'),
    ],
    unreachable: [{ node: 'lxc-media', message: 'x' }],
  };

  it('is found by node, in both spellings, and without it where only one has it', () => {
    expect(findFile(list, 'lxc-osint/tide/chart.md').node).toBe('lxc-osint');
    expect(findFile(list, 'LXC-CORE/tide/chart.md').node).toBe('lxc-core');
    expect(findFile(list, 'tide/code/main.py').node).toBe('lxc-core');
  });

  it('is never guessed', () => {
    expect(() => findFile(list, 'tide/chart.md')).toThrow(
      'several wagons have tide/chart.md: name one of lxc-core/tide/chart.md, lxc-osint/',
    );
    expect(() => findFile(list, 'tide/map.md')).toThrow(/lxc-media did not answer.*carnival vault ls/);
    expect(() => findFile(list, 'code/main.py')).toThrow('did you mean lxc-core/tide/code/main.py?');
  });

  it('is listed by the name that cat takes', () => {
    expect(vaultTable({ ...list, files: list.files.slice(0, 1) }, NOW)).toBe(
      'FILE                     SIZE     MODEL       AGE   TITLE\nlxc-core/tide/chart.md   2.0 kB   REHEARSAL   60s   A file',
    );
  });
});
