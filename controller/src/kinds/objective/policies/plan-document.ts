import {
  API_VERSION,
  canonicalJson,
  type Dissent,
  dollars,
  MAX_PLAN_BYTES,
  type Plan,
  type PlanProposal,
  type ProviderChain,
  planSchema,
} from '@dark-carnival/crds';
import { digestOf, sha256 } from '../../../runtime/digests.ts';
import type { NamedText, ProviderFacts, StoredPlan, ValidObjective } from '../snapshot.ts';
import { taskNeed } from './budget.ts';
import { highestCost } from './cost.ts';
import { plainText } from './plain-text.ts';

export interface PlanParts {
  objective: ValidObjective;
  number: number;
  proposal: PlanProposal;
  chain: ProviderChain;
  context: readonly NamedText[];
  providers: readonly ProviderFacts[];
  /** The critic's objections with their answers: part of what is approved. */
  dissent?: readonly Dissent[];
}

export interface PlanDocument {
  plan: Plan;
  /** Canonical JSON: exactly what is stored and hashed. */
  bytes: string;
  hash: string;
}

/** Makes the document that goes to the gate. Pure: the same parts give the same bytes, so a crash between storing and asking is harmless. */
export function makePlan({
  objective,
  number,
  proposal,
  chain,
  context,
  providers,
  dissent = [],
}: PlanParts): PlanDocument {
  const { spec, namespace, name, uid } = objective;
  const plan: Plan = {
    apiVersion: API_VERSION,
    kind: 'Plan',
    number,
    objective: { namespace, name, uid },
    summary: plainText(proposal.summary, 512) || '(no summary)',
    tasks: proposal.tasks,
    execution: {
      providers: chain.providers,
      ...(chain.model === undefined ? {} : { model: chain.model }),
      maxTokens: chain.maxTokens,
      parallelism: spec.execution.parallelism,
      taskTimeoutSeconds: spec.execution.taskTimeoutSeconds,
      retries: spec.execution.retries,
    },
    inputs: { contextDigest: digestOf(context), skillsDigest: digestOf(spec.skills ?? []) },
    forecast: forecast({ objective, proposal, chain, context, providers }),
    ...(dissent.length > 0 ? { dissent: [...dissent] } : {}),
  };
  return seal(plan);
}

/** The same plan under another number, for a question that is put again. */
export const renumber = (plan: Plan, number: number): PlanDocument => seal({ ...plan, number });

/** Why a plan is too large to be stored, or undefined. */
export function tooLarge(bytes: string): string | undefined {
  const size = Buffer.byteLength(bytes);
  return size > MAX_PLAN_BYTES ? `the plan has ${size} bytes, at most ${MAX_PLAN_BYTES} are stored` : undefined;
}

/** Judges what lies in the ConfigMap: an approval is for these bytes and no others, whoever may have changed them. */
export function verifyPlan(bytes: string | undefined, expected: { hash: string; uid: string }): StoredPlan {
  if (bytes === undefined) return { outcome: 'missing' };
  const hash = sha256(bytes);
  if (hash !== expected.hash)
    return { outcome: 'tampered', message: `its bytes hash to ${hash}, not to ${expected.hash}` };
  const plan = parsePlan(bytes);
  if (!plan) return { outcome: 'tampered', message: 'it is no plan' };
  if (plan.objective.uid !== expected.uid)
    return { outcome: 'tampered', message: 'it is the plan of another Objective' };
  return { outcome: 'intact', plan, bytes };
}

function parsePlan(bytes: string): Plan | undefined {
  try {
    return planSchema.safeParse(JSON.parse(bytes)).data;
  } catch {
    return undefined;
  }
}

function seal(plan: Plan): PlanDocument {
  const bytes = canonicalJson(plan);
  return { plan, bytes, hash: sha256(bytes) };
}

/** An upper estimate: every task with its longest answer, each retried as often as it may be. */
function forecast({
  objective,
  proposal,
  chain,
  context,
  providers,
}: Omit<PlanParts, 'number' | 'dissent'>): Plan['forecast'] {
  const { directive, execution } = objective.spec;
  const sharedBytes = sharedPromptBytes(directive, context);
  const times = execution.retries + 1;
  let input = 0;
  let output = 0;
  for (const task of proposal.tasks) {
    const need = taskNeed(task, { maxTokens: chain.maxTokens, sharedBytes });
    input += need.input * times;
    output += need.output * times;
  }
  const { microUSD, unpriced, asOf } = highestCost(chain, providers, { input, output });
  return {
    tokens: input + output,
    ...(microUSD === undefined ? {} : { costUSD: dollars(microUSD).slice(0, 20) }),
    ...(unpriced.length === 0 ? {} : { unpriced }),
    ...(asOf === undefined || microUSD === undefined ? {} : { pricesAsOf: asOf }),
  };
}

export const sharedPromptBytes = (directive: string, context: readonly NamedText[]): number =>
  Buffer.byteLength(directive) + context.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
