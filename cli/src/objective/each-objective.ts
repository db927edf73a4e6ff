import { OBJECTIVES, type Objective } from '@dark-carnival/crds';
import { safeLine } from '@dark-carnival/crds/text';
import { CliError } from '../cli-error.ts';
import { explainError } from '../explain-error.ts';
import type { Session } from '../session/session.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type ControlChange, control } from './control.ts';

/** Changes under way at once. */
const AT_ONCE = 8;

/** Where a command that changes many looks. */
export interface Scope {
  allNamespaces?: boolean;
}

/** Every Objective of a namespace, or of all. */
export async function objectivesIn(session: Session, { allNamespaces }: Scope): Promise<Objective[]> {
  const selection = allNamespaces ? {} : { namespace: session.namespace };
  return (await session.client.list<Objective>(OBJECTIVES, selection)).items;
}

/** `tide-chart`, or `harbour/tide-chart` where there are several namespaces. */
export const shownName = ({ metadata }: Objective, { allNamespaces }: Scope): string =>
  allNamespaces ? `${metadata.namespace}/${metadata.name}` : metadata.name;

/**
 * Changes many. One that cannot be changed does not keep the others from it; all are told.
 * @returns those that were changed.
 * @throws CliError in the end, where some could not be.
 */
export async function changeEach(
  session: Session,
  objectives: readonly Objective[],
  change: (objective: Objective) => ControlChange | undefined,
  terminal: Pick<Terminal, 'note'>,
): Promise<Objective[]> {
  const changed: Objective[] = [];
  let failures = 0;
  for (let index = 0; index < objectives.length; index += AT_ONCE) {
    await Promise.all(
      objectives.slice(index, index + AT_ONCE).map(async (objective) => {
        try {
          const written = await control(session, objective, change, terminal);
          if (written) changed.push(written);
        } catch (error) {
          failures += 1;
          terminal.note(`${safeLine(objective.metadata.name, 63)}: ${explainError(error).line}`);
        }
      }),
    );
  }
  if (failures > 0) throw new CliError(`${failures} could not be changed, ${changed.length} were`);
  return changed;
}
