import { MAX_PLAN_BYTES, type Objective, PLAN_KEY, type Plan, planSchema } from '@dark-carnival/crds';
import { sha256 } from '../../runtime/digests.ts';
import { readConfigMap } from '../config-maps.ts';
import type { UserClient } from '../hub-deps.ts';

/** The plan that is or was asked about, or why it cannot be shown. */
export type PlanView =
  | { state: 'none' }
  /** The bytes that were read hash to what the request names. */
  | { state: 'verified'; hash: string; plan: Plan }
  | { state: 'unreadable'; hash: string; message: string };

/** Reads the plan as the caller may, and shows it only if it is exactly what the hash stands for: nobody approves anything else. */
export async function planView(client: UserClient, objective: Objective): Promise<PlanView> {
  const plan = objective.status?.plan;
  if (!plan) return { state: 'none' };
  const { hash, configMapName } = plan;
  const unreadable = (message: string): PlanView => ({ state: 'unreadable', hash, message });
  const stored = await readConfigMap(client, objective.metadata.namespace ?? '', configMapName);
  const text = stored?.data?.[PLAN_KEY];
  if (text === undefined) return unreadable(`ConfigMap ${configMapName} is missing, or you may not read it`);
  if (Buffer.byteLength(text) > MAX_PLAN_BYTES)
    return unreadable(`ConfigMap ${configMapName} holds more than a plan may`);
  const found = sha256(text);
  if (found !== hash) return unreadable(`ConfigMap ${configMapName} holds another plan (${found}): do not approve`);
  const parsed = planSchema.safeParse(parseJson(text));
  return parsed.success
    ? { state: 'verified', hash, plan: parsed.data }
    : unreadable(`ConfigMap ${configMapName} holds no plan`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
