import { PLAN_KEY } from '@dark-carnival/crds';
import type { KubeClient } from '@dark-carnival/kube';
import { readConfigMap } from './config-maps.ts';
import { verifyPlan } from './policies/plan-document.ts';
import type { StoredPlan, ValidObjective } from './snapshot.ts';

/** Plans kept in memory; a plan may have 256 KiB. */
const MAX_PLANS = 64;

/**
 * Plans whose bytes were verified against their hash. While an Objective executes, its plan is read once and not again for each task; what is approved is the
 * hash, so a copy that had it cannot be wrong.
 */
export class PlanCache {
  readonly #plans = new Map<string, StoredPlan & { outcome: 'intact' }>();

  get(uid: string, hash: string): (StoredPlan & { outcome: 'intact' }) | undefined {
    return this.#plans.get(`${uid} ${hash}`);
  }

  put(uid: string, hash: string, plan: StoredPlan & { outcome: 'intact' }): void {
    this.#plans.set(`${uid} ${hash}`, plan);
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > MAX_PLANS && oldest !== undefined) this.#plans.delete(oldest);
  }
}

/** Reads the plan that status names, and verifies it. `fresh`: from the API server, whatever was read before. */
export async function readPlan(
  client: KubeClient,
  cache: PlanCache,
  { namespace, uid, status }: ValidObjective,
  { fresh }: { fresh: boolean },
): Promise<StoredPlan> {
  const { plan } = status;
  if (!plan) return { outcome: 'missing' };
  const known = fresh ? undefined : cache.get(uid, plan.hash);
  if (known) return known;
  const configMap = await readConfigMap(client, namespace, plan.configMapName);
  const stored = verifyPlan(configMap?.data?.[PLAN_KEY], { hash: plan.hash, uid });
  if (stored.outcome === 'intact') cache.put(uid, plan.hash, stored);
  return stored;
}
