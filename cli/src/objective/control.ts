import { FIELD_MANAGERS, OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { ApiError } from '@dark-carnival/kube';
import { CliError } from '../cli-error.ts';
import type { Session } from '../session/session.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { warnOfGitOps } from './gitops-owner.ts';

/** A change of mutable members. `null` removes an annotation. */
export interface ControlChange {
  spec: Readonly<Record<string, unknown>>;
  annotations?: Readonly<Record<string, string | null>>;
}

/** Status is written while an Objective runs: so often a change is looked at anew. */
const ATTEMPTS = 8;

/**
 * Changes an Objective as it was seen, and in no other state: where it has changed meanwhile it is read again, and `change` decides anew.
 * @param change what is to be written, or undefined to leave it as it is.
 * @returns the Objective as written, or undefined where it was left.
 * @throws CliError where it changes all the time; what the API server refuses.
 */
export async function control(
  session: Session,
  seen: Objective,
  change: (objective: Objective) => ControlChange | undefined,
  terminal: Pick<Terminal, 'note'>,
): Promise<Objective | undefined> {
  const { name, namespace = session.namespace } = seen.metadata;
  let objective = seen;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const wanted = change(objective);
    if (!wanted) return undefined;
    if (attempt === 1) warnOfGitOps(objective, Object.keys(wanted.spec), terminal);
    try {
      const { resourceVersion } = objective.metadata;
      const { spec, annotations } = wanted;
      const body = { metadata: { resourceVersion, ...(annotations ? { annotations } : {}) }, spec };
      const options = { fieldManager: FIELD_MANAGERS.control };
      return await session.client.patch<Objective>(OBJECTIVES, { name, namespace }, { type: 'merge', body }, options);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 409)) throw error;
      objective = await session.client.get<Objective>(OBJECTIVES, { name, namespace });
    }
  }
  throw new CliError(`${name} changes faster than it can be written: try again`);
}
