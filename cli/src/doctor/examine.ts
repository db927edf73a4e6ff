import {
  MODEL_PROVIDERS,
  type ModelProvider,
  OBJECTIVES,
  type Objective,
  WAGONS,
  type Wagon,
} from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { explainError } from '../explain-error.ts';
import type { Session } from '../session/session.ts';
import { checkApiServer } from './api-server.ts';
import type { Check, Patient } from './check.ts';
import { checkDefaultChains } from './default-chains.ts';
import { checkDiskSpace } from './disk-space.ts';
import { type Finding, problem } from './finding.ts';
import { checkHub, checkLeader } from './hub.ts';
import { checkKinds } from './kinds.ts';
import { checkObjectives } from './objectives.ts';
import { checkProviders } from './providers.ts';
import { checkSecrets } from './secrets.ts';
import { checkWagons } from './wagons.ts';

const CHECKS: readonly [name: string, check: Check][] = [
  ['leader', checkLeader],
  ['wagons', checkWagons],
  ['models', checkProviders],
  ['chains', checkDefaultChains],
  ['secrets', checkSecrets],
  ['objectives', checkObjectives],
  ['disk', checkDiskSpace],
];

/** Everything that can be found out without spending or changing anything. Never throws: what cannot be looked at is a finding. */
export async function examine(session: Session, clock: Clock): Promise<Finding[]> {
  const api = await checkApiServer(session, clock);
  const hub = await checkHub(session, clock);
  const found = [...api, ...hub.findings];
  // Without it nothing else can be asked.
  if (api.some(({ level }) => level === 'problem')) return found;
  const empty: Patient = { session, clock, wagons: [], objectives: [], providers: [], nodes: hub.nodes };
  const kinds = await safely('kinds', () => checkKinds(empty));
  found.push(...kinds);
  if (kinds.some(({ message }) => message.includes('is not installed'))) return found;
  let patient: Patient;
  try {
    patient = { ...empty, ...(await read(session)) };
  } catch (error) {
    return [...found, problem('objects', explainError(error).line, 'ask for a role that may read them')];
  }
  for (const [name, check] of CHECKS) found.push(...(await safely(name, () => check(patient))));
  return found;
}

async function read({ client, namespace }: Session): Promise<Pick<Patient, 'wagons' | 'objectives' | 'providers'>> {
  const [wagons, objectives, providers] = await Promise.all([
    client.list<Wagon>(WAGONS, { namespace }),
    client.list<Objective>(OBJECTIVES, { namespace }),
    client.list<ModelProvider>(MODEL_PROVIDERS, { namespace }),
  ]);
  return { wagons: wagons.items, objectives: objectives.items, providers: providers.items };
}

async function safely(name: string, look: () => ReturnType<Check>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    return [problem(name, explainError(error).line, 'it could not be looked at')];
  }
}
