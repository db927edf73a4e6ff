import type { NodeView, Wagon } from '@dark-carnival/crds';
import type { LivenessView } from '../../ports/liveness.ts';

/** One wagon as `GET /api/nodes` and the page show it: its object, and over it what its last heartbeat said. */
export function nodeView(wagon: Wagon, life: LivenessView): NodeView {
  const { spec, status, metadata } = wagon;
  const jobs = life.heartbeat?.jobs ?? status?.jobs;
  const message = status?.conditions?.find(({ type }) => type === 'Ready')?.message;
  const version = life.heartbeat?.version ?? status?.version;
  return {
    name: metadata.name,
    nodeID: spec?.nodeID ?? metadata.name,
    role: spec?.role ?? '',
    ...(status?.phase === undefined ? {} : { phase: status.phase }),
    ...(status?.address === undefined ? {} : { address: status.address }),
    ...(version === undefined ? {} : { version }),
    ...(life.heardAgoMs === undefined ? {} : { heartbeatAgeSeconds: Math.round(life.heardAgoMs / 100) / 10 }),
    ...(jobs === undefined ? {} : { jobs }),
    ...(status?.awaitingHuman ? { awaitingHuman: status.awaitingHuman } : {}),
    providers: life.heartbeat?.providers ?? status?.providers ?? [],
    ...(message ? { message } : {}),
  };
}
