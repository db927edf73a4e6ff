import { API_VERSION } from '../src/meta/labels.ts';
import type { ObjectMeta } from '../src/meta/object-meta.ts';
import type { PlanProposal, PlanTask } from '../src/plan/plan.ts';
import type { ModelProvider, ModelProviderSpec, ModelProviderStatus } from '../src/v1alpha1/model-provider.ts';
import type { Objective, ObjectiveSpec, ObjectiveStatus } from '../src/v1alpha1/objective.ts';
import { objectiveSpecSchema } from '../src/v1alpha1/objective-spec.ts';
import type { Wagon, WagonSpec, WagonStatus } from '../src/v1alpha1/wagon.ts';

/** Builders for tests: a valid object, with what the test is about set by name. */

interface Parts<Spec, Status> {
  metadata?: Partial<ObjectMeta>;
  spec?: Partial<Spec>;
  status?: Status;
}

const UID = '6a1f0c8e-0000-4000-8000-000000000001';

const meta = (name: string, given: Partial<ObjectMeta> = {}): ObjectMeta => ({
  name,
  namespace: 'default',
  uid: UID,
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-11-23T10:00:00Z',
  ...given,
});

/** An Objective as the API server returns it: defaults filled in. */
export function anObjective({ metadata, spec, status }: Parts<ObjectiveSpec, ObjectiveStatus> = {}): Objective {
  const defaults = objectiveSpecSchema.parse({ directive: 'Plan a tide chart for a small harbour' });
  return {
    apiVersion: API_VERSION,
    kind: 'Objective',
    metadata: meta('tide-chart', metadata),
    spec: { ...defaults, ...spec },
    ...(status ? { status } : {}),
  };
}

/** A Process wagon that is ready. */
export function aWagon({ metadata, spec, status }: Parts<WagonSpec, WagonStatus> = {}): Wagon {
  return {
    apiVersion: API_VERSION,
    kind: 'Wagon',
    metadata: meta('lxc-core', metadata),
    spec: {
      nodeID: 'LXC-CORE',
      role: 'CORE',
      runtime: { type: 'Process', process: { port: 8080 } },
      maxConcurrentJobs: 2,
      scheduling: 'Enabled',
      evictAfterSeconds: 35,
      retainAfterEvictionSeconds: 86_400,
      vaultPolicy: 'Retain',
      ...spec,
    },
    status: status ?? { phase: 'Ready', address: 'http://127.0.0.1:8080' },
  };
}

export function aModelProvider({
  metadata,
  spec,
  status,
}: Parts<ModelProviderSpec, ModelProviderStatus> = {}): ModelProvider {
  return {
    apiVersion: API_VERSION,
    kind: 'ModelProvider',
    metadata: meta('kimi', metadata),
    spec: { type: 'Kimi', model: 'kimi-k2.6', probeIntervalSeconds: 300, ...spec },
    ...(status ? { status } : {}),
  };
}

export function aPlanTask(given: Partial<PlanTask> = {}): PlanTask {
  return {
    id: 't1',
    title: 'Write the chart',
    kind: 'File',
    instruction: 'Write a tide chart for the harbour.',
    path: 'chart.md',
    acceptance: { type: 'NonEmpty' },
    risk: 'Low',
    dependsOn: [],
    ...given,
  };
}

export function aPlan(tasks: Partial<PlanTask>[] = [{}]): PlanProposal {
  return {
    summary: 'A chart in one file.',
    tasks: tasks.map((task, index) => aPlanTask({ id: `t${index + 1}`, path: `file-${index + 1}.md`, ...task })),
  };
}
