import { OBJECTIVES, type Objective, WAGONS, type Wagon } from '@dark-carnival/crds';
import { hasEnded } from '../objective/standing.ts';
import type { Session } from '../session/session.ts';
import type { Wanted } from './candidates.ts';

/** More than anybody looks through; a list is cut there, so that a key press stays quick. */
const MOST = 500;

/** Which Objectives make sense to which command; those that are not listed take any. */
const SENSE: Readonly<Record<string, (objective: Objective) => boolean>> = {
  approve: ({ status }) => status?.approvalRequest !== undefined,
  feedback: ({ status }) => status?.approvalRequest !== undefined,
  abort: (objective) => !hasEnded(objective),
  pause: (objective) => !hasEnded(objective) && objective.spec?.desiredState !== 'Paused',
  resume: ({ spec }) => spec?.desiredState === 'Paused',
  retry: ({ status }) => status?.phase === 'Failed' || status?.phase === 'Expired',
  rerun: hasEnded,
};

/** Names from the cluster, of the first page only. @throws what the cluster or the hub says. */
export async function namesFrom(session: Session, wanted: Wanted, timeoutMs: number): Promise<string[]> {
  const { client, namespace } = session;
  switch (wanted.kind) {
    case 'objectives': {
      const fits = SENSE[wanted.command] ?? (() => true);
      const pages = client.pages<Objective>(OBJECTIVES, { namespace, limit: MOST, timeoutMs });
      const { value } = await pages.next();
      return value ? value.items.filter(fits).map(({ metadata }) => metadata.name) : [];
    }
    case 'wagons': {
      const { value } = await client.pages<Wagon>(WAGONS, { namespace, limit: MOST, timeoutMs }).next();
      return value ? value.items.map(({ metadata, spec }) => spec?.nodeID ?? metadata.name) : [];
    }
    case 'files': {
      const { files } = await session.hub().vault();
      return files.slice(0, MOST).map(({ node, file }) => `${node}/${file}`);
    }
    case 'contexts':
      return [session.config.contextName];
  }
}
