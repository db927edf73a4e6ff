import { type ObjectiveSpec, type ObjectiveStatus, objectiveSpecSchema, type Plan } from '@dark-carnival/crds';
import { anObjective } from '@dark-carnival/crds/testing';
import { makePlan } from '../src/kinds/objective/policies/plan-document.ts';
import type { ProviderFacts, Snapshot, Texts, ValidObjective, WagonFacts } from '../src/kinds/objective/snapshot.ts';
import { TWO_TASKS } from './scripted-answers.ts';

/** Builders for what one decision looks at: valid, with what the test is about set by name. */

export const NOW_MS = Date.parse('2026-11-24T12:00:00Z');

export function aWagonFacts(given: Partial<WagonFacts> = {}): WagonFacts {
  return {
    name: 'lxc-core',
    role: 'CORE',
    labels: {},
    scheduling: 'Enabled',
    ready: true,
    capacity: 2,
    busy: 0,
    health: new Map(),
    skills: [],
    ...given,
  };
}

export const aProviderFacts = (given: Partial<ProviderFacts> = {}): ProviderFacts => ({
  name: 'kimi',
  type: 'Kimi',
  prices: undefined,
  ...given,
});

export const noTexts: Texts = { context: [], feedback: [], history: [], resume: undefined };

interface Parts {
  spec?: Partial<ObjectiveSpec>;
  status?: ObjectiveStatus;
  metadata?: Partial<ValidObjective['metadata']>;
}

export function aValidObjective({ spec = {}, status = {}, metadata = {} }: Parts = {}): ValidObjective {
  const object = anObjective({ metadata });
  const { namespace = 'default', name, uid = 'u' } = object.metadata;
  const full = objectiveSpecSchema.parse({ directive: 'Plan a tide chart', ...spec });
  return { namespace, name, uid, metadata: object.metadata, spec: full, status };
}

export function aSnapshot({ spec, status, metadata, ...given }: Parts & Partial<Snapshot> = {}): Snapshot {
  const wagon = aWagonFacts();
  return {
    objective: aValidObjective({
      ...(spec ? { spec } : {}),
      ...(status ? { status } : {}),
      ...(metadata ? { metadata } : {}),
    }),
    nowMs: NOW_MS,
    leaderEpoch: 1,
    backoffBaseMs: 1_000,
    wagons: new Map([[wagon.name, wagon]]),
    lost: new Set(),
    providers: [],
    defaults: { outcome: 'read', chains: {} },
    jobs: new Map(),
    lastHeard: new Map(),
    texts: noTexts,
    storedPlan: undefined,
    ...given,
  };
}

/** A plan as the controller makes it, for an Objective as `aValidObjective` makes it. */
export function aStoredPlan(number = 1, proposal = TWO_TASKS): { plan: Plan; bytes: string; hash: string } {
  const chain = { providers: ['rehearsal'], maxTokens: 8192 };
  return makePlan({ objective: aValidObjective(), number, proposal, chain, context: [], providers: [] });
}
