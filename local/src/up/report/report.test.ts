import type { ObjectiveStatus, TaskStatus } from '@dark-carnival/crds';
import { anObjective, aWagon } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { readyBanner } from './banner.ts';
import { objectiveLines, wagonLines } from './event-lines.ts';
import { providerLines } from './provider-lines.ts';

const HASH = `sha256:${'a'.repeat(64)}`;
const withStatus = (status: ObjectiveStatus, namespace = 'default') => anObjective({ metadata: { namespace }, status });
const task = (state: TaskStatus['state'], more: Partial<TaskStatus> = {}): TaskStatus => ({
  id: 't1',
  title: 'Write the chart',
  kind: 'File',
  state,
  ...more,
});
const WAITING: ObjectiveStatus = {
  phase: 'AwaitingHuman',
  plan: { hash: HASH, summary: 'A chart \u001b[31min one file', configMapName: 'tide-chart-plan-1', taskCount: 1 },
  approvalRequest: {
    id: 'uid-1',
    planHash: HASH,
    requestedAt: '2026-11-24T00:00:00Z',
    feedbackLeft: 5,
    forecast: { tokens: 1 },
  },
};

describe('lines about an Objective', () => {
  it('tell its story, each step once', () => {
    const story: ObjectiveStatus[] = [
      { phase: 'Pending' },
      { phase: 'Pending', queue: { reason: 'NoMatchingWagon', since: '2026-11-24T00:00:00Z' } },
      { phase: 'Scheduled', wagonName: 'lxc-core' },
      { phase: 'Debating', wagonName: 'lxc-core', debate: { round: 1 } },
      { phase: 'Debating', wagonName: 'lxc-core', debate: { round: 1, activeSeat: 'critic' } },
      WAITING,
      { phase: 'Executing', tasks: [task('Running')], taskSummary: '0/1' },
      {
        phase: 'Executing',
        taskSummary: '1/1',
        tasks: [
          task('Succeeded', {
            artifact: {
              wagonName: 'lxc-core',
              file: 'tide-chart/chart.md',
              sha256: HASH,
              bytes: 1234,
              state: 'Available',
            },
          }),
        ],
      },
      {
        phase: 'Completed',
        taskSummary: '1/1',
        usage: { inputTokens: 1, outputTokens: 2, totalTokens: 1500, calls: 4, unsettled: 0 },
      },
    ];
    const lines = story.flatMap((status, index) => {
      const before = story[index - 1];
      return objectiveLines(before && withStatus(before), withStatus(status));
    });
    expect(lines).toEqual(
      [
        'tide-chart  new: Plan a tide chart for a small harbour',
        'tide-chart  waits: NoMatchingWagon',
        'tide-chart  Scheduled',
        'tide-chart  Debating on lxc-core, round 1',
        'tide-chart  AwaitingHuman: plan of 1 task waits for you: A chart in one file\n    read it     npx carnival plan tide-chart\n    approve it  npx carnival approve tide-chart',
        'tide-chart  Executing ',
        'tide-chart  t1 done: Write the chart  lxc-core/tide-chart/chart.md (1,234 bytes)',
        'tide-chart  Completed, 1/1 tasks, 1,500 tokens; files: npx carnival vault ls',
      ].map((line) => line.trimEnd()),
    );
  });

  it('say at a start what goes on, and not what ended long ago', () => {
    expect(objectiveLines(undefined, withStatus({ phase: 'Completed' }))).toEqual([]);
    expect(objectiveLines(undefined, withStatus(WAITING, 'lab'))[0]).toContain(
      'npx carnival approve tide-chart -n lab',
    );
  });

  it('say why it failed', () => {
    const at = '2026-11-24T00:00:00Z';
    const conditions = [
      { type: 'Failed', status: 'True', reason: 'TaskFailed', message: 't1: no answer', lastTransitionTime: at },
    ] as const;
    expect(
      objectiveLines(withStatus({ phase: 'Executing' }), withStatus({ phase: 'Failed', conditions: [...conditions] })),
    ).toEqual(['tide-chart  Failed: TaskFailed: t1: no answer (npx carnival status tide-chart)']);
  });
});

describe('lines about a Wagon', () => {
  it('tell when it comes and goes', () => {
    const ready = aWagon();
    const stale = aWagon({ status: { phase: 'Stale' } });
    expect(wagonLines(undefined, ready)).toEqual(['wagon lxc-core is Ready']);
    expect(wagonLines(ready, stale)).toEqual(['wagon lxc-core is Stale']);
    expect(wagonLines(ready, aWagon())).toEqual([]);
  });
});

describe('what is said about providers', () => {
  const kimi = {
    name: 'kimi',
    type: 'Kimi',
    label: 'Kimi',
    model: 'kimi-k2.6',
    foundIn: 'KIMI_API_KEY in .env',
    apiKey: 'sk-1',
  } as const;

  it('names where each was found, and never a key', () => {
    const report = { applied: [{ provider: kimi, outcome: 'Created' as const }], kept: ['groq'], rehearsal: false };
    const text = providerLines(
      report,
      { state: 'Unreachable', host: 'x' },
      { warnings: ['GROQ_ENDPOINT is no URL'], notes: ['KIMI_ENDPOINT names a retired route'] },
    ).join('\n');
    expect(text).toContain('provider kimi: kimi-k2.6 (KIMI_API_KEY in .env)');
    expect(text).toContain('provider groq: kept from an earlier start');
    expect(text).toContain('! GROQ_ENDPOINT is no URL');
    expect(text).not.toMatch(/sk-1|REHEARSAL/);
  });

  it('is loud where there is none, with the two commands that bring a free model', () => {
    const none = { applied: [], kept: [], rehearsal: true };
    const text = providerLines(
      none,
      { state: 'NoModel', host: 'http://127.0.0.1:11434' },
      { warnings: [], notes: [] },
    ).join('\n');
    expect(text).toMatch(/REHEARSAL[\s\S]*has no model yet[\s\S]*ollama pull \S+\n\s+npm start/);
  });
});

describe('the banner', () => {
  const facts = {
    seconds: 2.44,
    loginUrl: 'http://127.0.0.1:8000/login?ticket=x',
    hubUrl: 'http://127.0.0.1:8000',
    lan: undefined,
    kubeconfig: "/home/o'neil/.carnival/kubeconfig",
    wagons: [{ nodeID: 'LXC-CORE', port: 8080 }],
    rehearsal: true,
    kubeconfigIsFound: true,
  };

  it('begins a line with ready, and has URL, kubeconfig and the next commands', () => {
    const banner = readyBanner(facts);
    expect(banner).toMatch(/^ready in 2\.4 s, in REHEARSAL$/m);
    for (const part of [facts.loginUrl, facts.kubeconfig, 'LXC-CORE :8080', 'npx carnival run "'])
      expect(banner).toContain(part);
  });

  it('says how other machines reach the hub and know it, where they can', () => {
    expect(readyBanner(facts)).not.toContain('LAN');
    const lan = { url: 'https://192.168.1.116:8000', fingerprint: `sha256:${'ab'.repeat(32)}` };
    const banner = readyBanner({ ...facts, lan });
    for (const part of [lan.url, lan.fingerprint, 'carnival join-token create']) expect(banner).toContain(part);
  });

  it('begins with the export where the CLI would go elsewhere, quoted for a shell', () => {
    const lines = readyBanner({ ...facts, kubeconfigIsFound: false }).split('\n');
    const first = lines[lines.findIndex((line) => line.includes('another terminal')) + 1];
    expect(first?.trim()).toBe(`export KUBECONFIG='/home/o'\\''neil/.carnival/kubeconfig'`);
  });
});
