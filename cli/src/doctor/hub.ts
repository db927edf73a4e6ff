import { type KubeObject, LEADER_LEASE, type NodeView } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { ApiError, LEASES } from '@dark-carnival/kube';
import { explainError } from '../explain-error.ts';
import type { Session } from '../session/session.ts';
import type { Check } from './check.ts';
import { clockSkew } from './clock-skew.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

type Lease = KubeObject & {
  spec?: { holderIdentity?: string; renewTime?: string; leaseDurationSeconds?: number; leaseTransitions?: number };
};

const NO_LEADER =
  'is the Ringmaster running? npm start, or kubectl get pods -l app.kubernetes.io/name=dark-carnival -A';

/** Whether the hub answers and takes our token. */
export async function checkHub(session: Session, clock: Clock): Promise<{ findings: Finding[]; nodes?: NodeView[] }> {
  try {
    const hub = session.hub();
    const sentMs = clock.now();
    const date = await hub.date();
    const skew = clockSkew('hub', date, { sentMs, receivedMs: clock.now() });
    const nodes = await hub.nodes();
    return { findings: [ok('hub', hub.url), ...skew], nodes };
  } catch (error) {
    return { findings: [problem('hub', explainError(error).line, 'npm start runs one; else give --hub URL')] };
  }
}

/** Whether a Ringmaster leads: without one nothing is scheduled and no plan is asked about. */
export const checkLeader: Check = async ({ session, clock }) => {
  const leases = await findLeases(session);
  if (leases === undefined) {
    return [warning('leader', `you may not read Lease ${LEADER_LEASE}`, 'ask somebody who may to run this')];
  }
  const held = leases.find(({ spec }) => isHeld(spec, clock.now()));
  if (held) return [ok('leader', `${held.spec?.holderIdentity} leads, change ${held.spec?.leaseTransitions ?? 0}`)];
  const [last] = leases;
  if (!last)
    return [problem('leader', `no Ringmaster has ever led here: there is no Lease ${LEADER_LEASE}`, NO_LEADER)];
  return [
    problem('leader', `nobody leads: ${last.spec?.holderIdentity || 'the last one'} let go, or has stopped`, NO_LEADER),
  ];
};

function isHeld(spec: Lease['spec'], nowMs: number): boolean {
  if (!spec?.holderIdentity || spec.renewTime === undefined) return false;
  // By another clock than the one that wrote it: twice the time, before anybody is called dead.
  return nowMs - Date.parse(spec.renewTime) < 2_000 * (spec.leaseDurationSeconds ?? 15);
}

async function findLeases(session: Session): Promise<Lease[] | undefined> {
  try {
    const here = await session.client.find<Lease>(LEASES, { name: LEADER_LEASE, namespace: session.namespace });
    if (here) return [here];
    const fieldSelector = `metadata.name=${LEADER_LEASE}`;
    return (await session.client.list<Lease>(LEASES, { fieldSelector })).items;
  } catch (error) {
    if (error instanceof ApiError && error.isForbidden) return undefined;
    throw error;
  }
}
