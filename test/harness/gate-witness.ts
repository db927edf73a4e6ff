import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  type Assignment,
  type Intervention,
  OBJECTIVES,
  type Objective,
  PLAN_KEY,
  type Plan,
} from '@dark-carnival/crds';
import { ApiError, CONFIG_MAPS, type ConfigMap, type KubeClient } from '@dark-carnival/kube';
import type { ScriptedWagon } from '../../controller/testing/scripted-wagon.ts';

interface Asked {
  requestID: string;
  planHash: string;
  plan: Plan;
}

/** Sees every question, every approval that a person gave, and every task that a wagon was given, and compares them. */
export class GateWitness {
  readonly #client: KubeClient;
  readonly #wagon: ScriptedWagon;
  /** Plans that people approved, by uid and hash. */
  readonly #approved = new Map<string, Plan>();
  /** Attempts to get something executed, or decided, that nobody had approved. */
  attacks = 0;

  constructor(client: KubeClient, wagon: ScriptedWagon) {
    this.#client = client;
    this.#wagon = wagon;
  }

  /** Reads an open question as a person does: the plan, and that its bytes hash to what is asked about. */
  async read({ metadata, status }: Objective): Promise<Asked> {
    const { id = '', planHash = '' } = status?.approvalRequest ?? {};
    const ref = { namespace: 'default', name: status?.plan?.configMapName ?? '' };
    const configMap = await this.#client.get<ConfigMap>(CONFIG_MAPS, ref);
    const bytes = configMap.data?.[PLAN_KEY] ?? '';
    const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (hash !== planHash || !id.startsWith(`${metadata.uid}-`))
      throw new Error(`the question of ${metadata.name} is not about its plan`);
    return { requestID: id, planHash, plan: JSON.parse(bytes) as Plan };
  }

  /** A person approves what they have read. */
  async approve(object: Objective, decidedBy = 'alice', fieldManager?: string): Promise<Objective> {
    const { requestID, planHash, plan } = await this.read(object);
    this.#approved.set(`${object.metadata.uid} ${planHash}`, plan);
    return this.send(object, { requestID, planHash, decision: 'Approve', decidedBy }, fieldManager);
  }

  /** Sends an intervention as it is. */
  send(
    { metadata }: Objective,
    value: Record<string, unknown> | Intervention,
    fieldManager = 'darkcarnival-approval',
  ): Promise<Objective> {
    const operations = [{ op: 'add' as const, path: '/spec/intervention', value }];
    return this.#client.patch<Objective>(OBJECTIVES, metadata, { type: 'json', operations }, { fieldManager });
  }

  /** An attack that the API server has to refuse, with 400, 409 or 422. @returns its words */
  async refused(attack: Promise<unknown>): Promise<string> {
    this.attacks += 1;
    const error = await attack.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof ApiError && [400, 409, 422].includes(error.code)) return error.message;
    throw new Error(`was not refused: ${String(error)}`);
  }

  /** Tasks that were given without an approval of exactly the plan that they are cut from. Has to be empty. */
  unapproved(): string[] {
    return this.#wagon.puts.filter(({ task }) => task !== undefined).flatMap((put) => this.#problemOf(put));
  }

  /** Tasks that a wagon was given for an Objective. */
  given(uid: string | undefined): Assignment[] {
    return this.#wagon.puts.filter(({ objective, task }) => objective.uid === uid && task !== undefined);
  }

  #problemOf({ id, objective, task }: Assignment): string[] {
    const plan = this.#approved.get(`${objective.uid} ${task?.planHash}`);
    if (!plan) return [`${id} of ${objective.name}: nobody approved ${task?.planHash}`];
    const planned = plan.tasks.find((each) => each.id === task?.task.id);
    return isDeepStrictEqual(planned, task?.task)
      ? []
      : [`${id} of ${objective.name}: is not the task that was approved`];
  }
}
