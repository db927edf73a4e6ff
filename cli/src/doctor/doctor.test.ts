import { customResourceDefinition, KINDS, type Objective, type Wagon } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { aModelProvider, anObjective, aWagon } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { paintFor } from '../terminal/terminal.ts';
import type { Patient } from './check.ts';
import { clockSkew } from './clock-skew.ts';
import { judgeDefaults } from './default-chains.ts';
import { findingText, problem } from './finding.ts';
import { holds } from './kinds.ts';
import { checkObjectives } from './objectives.ts';
import { checkProviders } from './providers.ts';
import { checkWagons } from './wagons.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const clock = { ...systemClock, now: () => NOW };
const patient = (given: Partial<Patient>): Patient => ({
  session: undefined as never,
  clock,
  wagons: [],
  objectives: [],
  providers: [],
  nodes: undefined,
  ...given,
});
const told = (findings: { level: string; message: string }[]) =>
  findings.map(({ level, message }) => `${level}: ${message}`);

describe('clocks', () => {
  const at = { sentMs: NOW, receivedMs: NOW + 400 };
  const date = (ms: number) => new Date(NOW + ms).toUTCString();

  it.each([
    [date(0), 'ok'],
    [date(-1_000), 'ok'],
    [date(9_000), 'ok'],
    [date(20_000), 'warning'],
    [date(-20_000), 'warning'],
    [date(6 * 60_000), 'problem'],
    [date(-6 * 60_000), 'problem'],
  ])('that say %s are %s', (header, level) => {
    expect(clockSkew('hub', header, at)[0]?.level).toBe(level);
  });

  it('that say nothing are not judged', () => {
    expect(clockSkew('hub', null, at)).toEqual([]);
  });
});

describe('kinds', () => {
  const [kind] = KINDS;
  if (!kind) throw new Error('no kind');
  const expected = customResourceDefinition(kind).spec;

  it('are current with what a server adds, and not where something is missing or other', () => {
    const live = { ...structuredClone(expected), conversion: { strategy: 'None' } };
    expect(holds(live, expected)).toBe(true);
    const older = structuredClone(live) as unknown as {
      versions: { schema: { openAPIV3Schema: { properties: { spec: { properties: Record<string, unknown> } } } } }[];
    };
    const properties = older.versions[0]?.schema.openAPIV3Schema.properties.spec.properties ?? {};
    delete properties['budget'];
    expect(holds(older, expected)).toBe(false);
  });
});

describe('wagons', () => {
  const wagon = (status: Wagon['status'], more: object = {}) => aWagon({ ...(status ? { status } : {}), ...more });

  it('that are well are counted', () => {
    expect(told(checkWagons(patient({ wagons: [aWagon()] })) as never)).toEqual(['ok: 1 of 1 ready']);
  });

  it('that are none, stale, or never came are problems; those of another version are told', () => {
    expect(checkWagons(patient({}))).toMatchObject([{ level: 'problem' }]);
    const nodes = [
      {
        name: 'lxc-core',
        nodeID: 'LXC-CORE',
        role: 'CORE',
        heartbeatAgeSeconds: 90.4,
        providers: [],
        version: '0.0.9',
      },
    ];
    const stale = wagon({
      phase: 'Stale',
      conditions: [
        { type: 'Ready', status: 'False', reason: 'Unreachable', message: 'no answer', lastTransitionTime: '' },
      ],
    });
    expect(told(checkWagons(patient({ wagons: [stale], nodes })) as never)).toEqual([
      'problem: 0 of 1 ready',
      'problem: LXC-CORE is stale, last heard 90 s ago: Unreachable: no answer',
      'warning: LXC-CORE runs version 0.0.9, this command line is 0.1.0',
    ]);
    const never = wagon({ phase: 'Provisioning' }, { metadata: { creationTimestamp: '2026-11-24T11:00:00Z' } });
    expect(told(checkWagons(patient({ wagons: [never] })) as never)[1]).toContain('has never come');
  });
});

describe('models', () => {
  const node = (healthy: 'True' | 'False') => ({
    name: 'lxc-core',
    nodeID: 'LXC-CORE',
    role: 'CORE',
    providers: [
      { name: 'rehearsal', healthy: 'True' as const },
      { name: 'kimi', healthy, ...(healthy === 'False' ? { reason: 'Unauthorized' } : {}) },
    ],
  });

  const provider = (status: 'True' | 'False' | 'Unknown', reason: string, message: string) =>
    aModelProvider({
      status: { conditions: [{ type: 'Ready', status, reason, message, lastTransitionTime: '2026-11-24T11:00:00Z' }] },
    });

  it('are each told with where they are, and reached or why not', () => {
    const well = provider('True', 'Healthy', 'Reached from 1/1 wagons.');
    expect(told(checkProviders(patient({ providers: [well], nodes: [node('True')] })) as never)).toEqual([
      'ok: kimi: kimi-k2.6 at api.moonshot.ai: Reached from 1/1 wagons.',
    ]);
    const refused = provider('False', 'Unauthorized', 'The key is refused.');
    expect(checkProviders(patient({ providers: [refused], nodes: [node('False')] }))).toMatchObject([
      { level: 'warning', message: 'kimi: kimi-k2.6 at api.moonshot.ai: Unauthorized: The key is refused.' },
      { level: 'problem', message: 'no wagon reaches any model' },
    ]);
    expect(told(checkProviders(patient({ providers: [aModelProvider()] })) as never)).toEqual([
      'warning: kimi: kimi-k2.6 at api.moonshot.ai: not looked at yet',
    ]);
  });

  it("that one wagon alone does not reach are that wagon's trouble", () => {
    const well = provider('True', 'Healthy', 'Reached from 1/2 wagons.');
    const nodes = [node('True'), { ...node('False'), nodeID: 'LXC-OSINT' }];
    expect(told(checkProviders(patient({ providers: [well], nodes })) as never)[1]).toBe(
      'problem: LXC-OSINT reaches none of its models: kimi (Unauthorized)',
    );
  });

  it('that are none are told: rehearsals stand in', () => {
    expect(checkProviders(patient({}))).toMatchObject([{ level: 'warning' }]);
  });
});

describe('Objectives', () => {
  const HOUR_AGO = '2026-11-24T10:30:00Z';
  const one = (status: Objective['status'], spec: object = {}, metadata: object = {}) =>
    anObjective({ metadata: { name: 'tide', ...metadata }, spec, ...(status ? { status } : {}) });
  const look = (objective: Objective) => told(checkObjectives(patient({ objectives: [objective] })) as never).slice(1);

  it.each([
    [one({ phase: 'Pending', queue: { reason: 'NoMatchingWagon', since: HOUR_AGO } }), 'problem: tide: waits for'],
    [one({ phase: 'Pending', queue: { reason: 'NoFreeWagon', since: HOUR_AGO } }), 'warning: tide: waits for'],
    [one({ phase: 'Debating' }), 'warning: tide: nothing of it has changed for an hour'],
    [one({ phase: 'Debating' }, {}, { deletionTimestamp: HOUR_AGO }), 'problem: tide: is being deleted'],
    [
      one({
        phase: 'AwaitingHuman',
        approvalRequest: {
          id: 'u-1',
          planHash: '',
          requestedAt: HOUR_AGO,
          expiresAt: '2026-11-24T12:05:00Z',
          feedbackLeft: 1,
          forecast: { tokens: 1 },
        },
      }),
      'warning: tide: its question expires',
    ],
  ])('that need somebody are told', (objective, words) => {
    expect(look(objective)[0]).toContain(words);
  });

  it('that are well, ended, or just paused are not', () => {
    expect(look(one({ phase: 'Failed' }))).toEqual([]);
    expect(look(one({ phase: 'Pending', queue: { reason: 'NoFreeWagon', since: '2026-11-24T11:59:00Z' } }))).toEqual(
      [],
    );
    expect(look(one({ phase: 'Debating' }, { desiredState: 'Paused' }))).toEqual([]);
  });
});

it('a finding is a sign, a line, and what to do', () => {
  expect(findingText(problem('hub', 'away\u001b[2J', 'start it'), paintFor(false))).toBe(
    '✗ hub        away\n             start it',
  );
});

describe('default chains', () => {
  const providers = [
    aModelProvider({ metadata: { name: 'kimi' }, spec: { type: 'Kimi' } }),
    aModelProvider({ metadata: { name: 'le-chat' }, spec: { type: 'Mistral' } }),
  ];

  it('are shown with who set them', () => {
    expect(told(judgeDefaults({ providers }, { critic: 'kimi' }))).toEqual([
      'ok: visionary: kimi, le-chat (the order of families)',
      'ok: critic: kimi (ConfigMap carnival-defaults)',
      'ok: tactician: kimi, le-chat (the order of families)',
      "ok: execution: kimi, le-chat (the visionary's)",
    ]);
    expect(told(judgeDefaults({ providers: [] }, undefined))[0]).toBe(
      'ok: visionary: rehearsal (the order of families)',
    );
  });

  it('that hold Objectives up are problems', () => {
    expect(told(judgeDefaults({ providers }, { critic: 'nobody' }))[1]).toBe(
      'problem: critic: no such ModelProvider: nobody (ConfigMap carnival-defaults)',
    );
    expect(told(judgeDefaults({ providers }, { critic: '' }))).toEqual([
      'problem: ConfigMap carnival-defaults: critic is empty: name ModelProviders, or remove the key; Objectives that need it wait',
    ]);
  });
});
