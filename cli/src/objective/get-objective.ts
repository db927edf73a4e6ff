import { OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import { ApiError } from '@dark-carnival/kube';
import { CliError, usageError } from '../cli-error.ts';
import type { Session } from '../session/session.ts';

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

/**
 * The Objective of that name, fresh.
 * @throws CliError that names the place where it was looked for.
 */
export async function getObjective(session: Session, name: string): Promise<Objective> {
  if (!NAME.test(name)) throw usageError(`"${safeLine(name, 60)}" cannot be the name of an Objective`);
  try {
    return await session.client.get<Objective>(OBJECTIVES, { name, namespace: session.namespace });
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound && error.status.details?.name === name) {
      throw new CliError(`no Objective ${name} in ${session.place}: carnival status lists what there is`);
    }
    throw error;
  }
}
