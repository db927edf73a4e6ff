import { createHash } from 'node:crypto';
import { type Objective, PLAN_KEY, type Plan, planSchema } from '@dark-carnival/crds';
import { CONFIG_MAPS, type ConfigMap } from '@dark-carnival/kube';
import { CliError } from '../cli-error.ts';
import { whyNothingToDecide } from '../objective/standing.ts';
import type { Session } from '../session/session.ts';

/** The plan whose bytes have the hash that the Objective names: nothing else is ever shown as the plan. */
export interface PlanDocument {
  /** Over exactly the bytes in the ConfigMap, computed here. */
  hash: string;
  configMapName: string;
  plan: Plan;
}

/**
 * Loads the plan that the Objective asks or asked about last, and checks its hash.
 * @throws CliError where there is none, and where its bytes are not those that the hash is about.
 */
export async function loadPlan(session: Session, objective: Objective): Promise<PlanDocument> {
  const plan = objective.status?.plan;
  if (!plan) throw new CliError(`${objective.metadata.name} has no plan yet: ${whyNothingToDecide(objective)}`);
  const bytes = await readBytes(session, plan.configMapName);
  const hash = `sha256:${createHash('sha256').update(bytes, 'utf8').digest('hex')}`;
  const asked = objective.status?.approvalRequest?.planHash ?? plan.hash;
  if (hash !== plan.hash || hash !== asked) {
    throw new CliError(
      `the plan in ConfigMap ${plan.configMapName} is not the one that ${objective.metadata.name} asks about (its bytes have ${hash}, asked is ${asked}): do not approve it; abort it, or ask for another round`,
    );
  }
  const parsed = planSchema.safeParse(parse(bytes));
  if (!parsed.success) {
    throw new CliError(`the plan in ConfigMap ${plan.configMapName} cannot be read by this version: update carnival`);
  }
  return { hash, configMapName: plan.configMapName, plan: parsed.data };
}

async function readBytes(session: Session, name: string): Promise<string> {
  const found = await session.client.find<ConfigMap>(CONFIG_MAPS, { name, namespace: session.namespace });
  if (!found) throw new CliError(`the plan's ConfigMap ${name} is gone: ask for another round, or abort`);
  return found.data?.[PLAN_KEY] ?? '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
