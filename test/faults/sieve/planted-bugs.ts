import { CONFIG_MAPS } from '@dark-carnival/kube';
import { vi } from 'vitest';
import type * as Apply from '../../../controller/src/kinds/objective/apply.ts';
import type * as ConfigMaps from '../../../controller/src/kinds/objective/config-maps.ts';
import type * as Drafts from '../../../controller/src/kinds/objective/draft.ts';
import type * as Assignments from '../../../controller/src/kinds/objective/policies/assignments.ts';
import type * as Verdicts from '../../../controller/src/kinds/objective/policies/job-verdict.ts';
import type { Liveness } from '../../../controller/src/ports/liveness.ts';
import type * as Finalizers from '../../../controller/src/runtime/finalizers.ts';
import type * as Sources from '../../../controller/src/runtime/source.ts';
import type * as StatusPatch from '../../../controller/src/runtime/status-patch.ts';
import type { Plan } from './plans.ts';
import type { Build } from './staged-ringmaster.ts';

/** A mistake that operators are known for, put into the real controller. */
export interface PlantedBug {
  name: string;
  /** Where it was found in others, or what it is called. */
  source: string;
  /** The stories whose plans are tried, in this order. */
  stories: readonly string[];
  /** Plans that are tried first: those that such a bug fears most. */
  fears: (plan: Plan) => boolean;
  /** Replaces modules of the controller; called before it is imported. */
  plant?: () => void;
  /** Replaces parts around it. */
  around?: Partial<Build>;
}

const isCrash = ({ fault }: Plan): boolean => fault === 'crashAfter';

const CONTROLLER = '../../../controller/src';

const replaced = new Set<string>();

/** Replaces some of what a module exports. */
function replace<Module extends object>(path: string, by: (original: Module) => Partial<Module>): void {
  replaced.add(path);
  vi.doMock(`${CONTROLLER}/${path}`, async (load) => {
    const original = await load<Module>();
    return { ...original, ...by(original) };
  });
}

export const BUGS: readonly PlantedBug[] = [
  {
    name: 'writes status without a precondition',
    source: 'lost update: decides on an old cache, and overwrites what came since',
    stories: ['abort between tasks'],
    fears: ({ fault }) => fault === 'freeze',
    plant: () =>
      replace<typeof StatusPatch>('runtime/status-patch.ts', ({ patchStatus }) => ({
        patchStatus: (client, resource, object, after, options) =>
          patchStatus(client, resource, object, after, { ...options, lock: 'NotRequired' }),
      })),
  },
  {
    name: 'acts on events and not on state',
    source: 'edge-triggered: what happened while it was away is never looked at',
    stories: ['apply to completed'],
    fears: ({ at, fault }) => at === 'order' && fault === 'crashBefore',
    plant: () =>
      replace<typeof Sources>('runtime/source.ts', ({ objectsOf }) => ({
        objectsOf: (reflector, matters) => {
          const source = objectsOf(reflector, matters);
          const isDeaf = reflector.resource.plural === 'objectives';
          return (enqueue) =>
            source((key, priority) => (isDeaf && priority === 'low' ? undefined : enqueue(key, priority)));
        },
      })),
  },
  {
    name: 'forgets its finalizer',
    source: 'resource leak when a deletion is unobserved (cassandra-operator#398)',
    stories: ['deleted in execution'],
    fears: isCrash,
    plant: () =>
      replace<typeof Finalizers>('runtime/finalizers.ts', () => ({ addFinalizer: async (_c, _r, object) => object })),
  },
  {
    name: 'never removes its finalizer',
    source: 'an object that cannot be deleted',
    stories: ['apply to completed'],
    fears: isCrash,
    plant: () => replace<typeof Finalizers>('runtime/finalizers.ts', () => ({ removeFinalizer: async () => {} })),
  },
  {
    name: 'creates what is already there',
    source: 'non-idempotent create: stuck on AlreadyExists after a crash',
    stories: ['apply to completed'],
    fears: isCrash,
    plant: () =>
      replace<typeof ConfigMaps>('kinds/objective/config-maps.ts', () => ({
        storeConfigMap: async (client, owner, { name, key, value, form }) => {
          const { namespace = '', uid = '', name: owned } = owner.metadata;
          const owners = [
            { apiVersion: owner.apiVersion ?? '', kind: 'Objective', name: owned, uid, controller: true },
          ];
          const body = form === 'binary' ? { binaryData: { [key]: value } } : { data: { [key]: value } };
          const metadata = { name, namespace, ownerReferences: owners };
          await client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata, immutable: true, ...body });
        },
      })),
  },
  {
    name: 'says that it is done before it is',
    source: 'condition set before the work it promises (rabbitmq cluster-operator)',
    stories: ['apply to completed'],
    fears: isCrash,
    plant: () =>
      replace<typeof ConfigMaps>('kinds/objective/config-maps.ts', ({ storeConfigMap }) => ({
        storeConfigMap: async (client, owner, content) => {
          const later = async () => {
            for (let look = 0; look < 20; look += 1) await client.find(CONFIG_MAPS, owner.metadata);
            await storeConfigMap(client, owner, content);
          };
          later().catch(() => {});
        },
      })),
  },
  {
    name: 'loses the step between two writes',
    source: 'nifikop: a crash between recording and doing leaves it undone',
    stories: ['apply to completed'],
    fears: ({ at }) => at === 'order',
    plant: () =>
      replace<typeof Verdicts>('kinds/objective/policies/job-verdict.ts', ({ judgeJob }) => ({
        judgeJob: (active, seen, terms) =>
          seen?.outcome === 'absent' ? { verdict: 'wait', requeueMs: 5_000 } : judgeJob(active, seen, terms),
      })),
  },
  {
    name: 'makes another order each time',
    source: 'an order that is no pure function of what was recorded: after a crash it is not known again',
    stories: ['apply to completed'],
    fears: ({ at }) => at === 'order',
    plant: () =>
      replace<typeof Assignments>('kinds/objective/policies/assignments.ts', ({ taskAssignment, roundAssignment }) => {
        let orders = 0;
        const stamped = <T extends { inputsDigest: string }>(assignment: T): T => {
          orders += 1;
          return { ...assignment, inputsDigest: `sha256:${String(orders).padStart(64, '0')}` };
        };
        return {
          taskAssignment: (parts) => stamped(taskAssignment(parts)),
          roundAssignment: (parts) => stamped(roundAssignment(parts)),
        };
      }),
  },
  {
    name: 'waits for a message and never looks',
    source: 'no poll beside an event stream that may lose events',
    stories: ['apply to completed'],
    fears: ({ at }) => at === 'wake',
    plant: () => replace<typeof Drafts>('kinds/objective/draft.ts', () => ({ requeueIn: () => {} })),
  },
  {
    name: 'cleans up after it has said that it is done',
    source: 'ours, found by these plans: rounds of a debate stayed after a crash behind the last status write',
    stories: ['apply to completed'],
    fears: isCrash,
    plant: () =>
      replace<typeof Apply>('kinds/objective/apply.ts', ({ apply }) => ({
        apply: async (actor, object, decision) => {
          const isRemoval = ({ type }: { type: string }) => type === 'deleteConfigMaps';
          const kept = decision.prepare.filter((step) => !isRemoval(step));
          const applied = await apply(actor, object, { ...decision, prepare: kept });
          const names = decision.prepare.flatMap((step) => (step.type === 'deleteConfigMaps' ? step.names : []));
          for (const name of names) {
            await actor.deps.client.delete(CONFIG_MAPS, { namespace: 'default', name }).catch(() => {});
          }
          return applied;
        },
      })),
  },
  {
    name: 'takes what it has not heard for dead',
    source: 'KEP-5647: a controller that starts anew evicts everybody',
    stories: ['apply to completed', 'feedback round'],
    fears: isCrash,
    around: { throughLiveness: (liveness) => impatient(liveness) },
  },
  {
    name: 'sends again what may have been done',
    source: 'a retry of what is not idempotent: counts the same usage twice',
    stories: ['apply to completed', 'feedback round'],
    fears: isCrash,
    plant: () =>
      replace<typeof StatusPatch>('runtime/status-patch.ts', ({ patchStatus }) => ({
        // What was used is written by itself first, so that the bill is always up to date.
        patchStatus: async (client, resource, object, after, options) => {
          const before = object.status as Billed | undefined;
          const { usage } = after as Billed;
          if (JSON.stringify(before?.usage) === JSON.stringify(usage)) {
            return patchStatus(client, resource, object, after, options);
          }
          const billed = { ...before, usage } as typeof after;
          const first = await patchStatus(client, resource, object, billed, options);
          return patchStatus(client, resource, first ?? object, after, options);
        },
      })),
  },
];

interface Billed {
  usage?: unknown;
}

/** Never heard is as good as dead. */
function impatient(liveness: Liveness): Liveness {
  return {
    record: (...heard) => liveness.record(...heard),
    forget: (...gone) => liveness.forget(...gone),
    onChange: (listener) => liveness.onChange(listener),
    view: (...which) => {
      const view = liveness.view(...which);
      return view.heartbeat ? view : { ...view, ageMs: Number.MAX_SAFE_INTEGER };
    },
  };
}

/** The stage and all that plays on it, loaded anew with a bug in it. */
export async function stageWith({ plant }: Pick<PlantedBug, 'plant'>) {
  for (const path of replaced) vi.doUnmock(`${CONTROLLER}/${path}`);
  replaced.clear();
  vi.resetModules();
  plant?.();
  const [{ Theatre }, { perform }, { STORIES }] = await Promise.all([
    import('./theatre.ts'),
    import('./performance.ts'),
    import('./stories.ts'),
  ]);
  return { Theatre, perform, STORIES };
}
