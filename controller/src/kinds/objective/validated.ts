import { type Objective, type ObjectiveSpec, objectiveSpecSchema, objectiveStatusSchema } from '@dark-carnival/crds';
import type { z } from 'zod';
import { StalledError } from '../../runtime/reconcile-errors.ts';
import type { ValidObjective } from './snapshot.ts';

/**
 * Objectives with the shapes of the contract. Validating a spec costs more than all decisions about it, and it changes with its generation only, so each is
 * validated once.
 */
export class ValidatedObjectives {
  readonly #specs = new Map<string, { generation: number | undefined; spec: ObjectiveSpec }>();

  /** @throws StalledError for an object that breaks its schema: the API server should have refused it. */
  of(object: Objective): ValidObjective {
    const { metadata } = object;
    const { namespace, name, uid } = metadata;
    if (namespace === undefined || uid === undefined) throw unreadable('it has no namespace or no uid');
    const status = objectiveStatusSchema.safeParse(object.status ?? {});
    if (!status.success) throw unreadable(issueOf(status.error));
    return { namespace, name, uid, metadata, spec: this.#specOf(object, uid), status: status.data };
  }

  forget(uid: string): void {
    this.#specs.delete(uid);
  }

  #specOf({ metadata, spec }: Objective, uid: string): ObjectiveSpec {
    const { generation } = metadata;
    const known = this.#specs.get(uid);
    if (known && generation !== undefined && known.generation === generation) return known.spec;
    const parsed = objectiveSpecSchema.safeParse(spec);
    if (!parsed.success) throw unreadable(issueOf(parsed.error));
    this.#specs.set(uid, { generation, spec: parsed.data });
    return parsed.data;
  }
}

const unreadable = (why: string) => new StalledError('Unreadable', `the object breaks its schema: ${why}`);

function issueOf({ issues }: z.ZodError): string {
  const [issue] = issues;
  return `${issue?.path.join('.')}: ${issue?.message}`;
}
