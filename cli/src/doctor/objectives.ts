import type { Objective } from '@dark-carnival/crds';
import { hasEnded, reasonOf } from '../objective/standing.ts';
import { duration } from '../terminal/age.ts';
import { type Check, isOlderThan } from './check.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const WAITS_SECONDS = 10 * 60;
const SILENT_SECONDS = 60 * 60;
const DELETING_SECONDS = 5 * 60;
/** A wagon lets a held job go after so long. */
const PAUSED_SECONDS = 7 * 24 * 3600;
const EXPIRES_MS = 10 * 60_000;

/** Which Objectives need somebody: stuck, about to expire, forgotten. */
export const checkObjectives: Check = ({ objectives, clock }) => {
  const nowMs = clock.now();
  const open = objectives.filter((objective) => !hasEnded(objective));
  const asked = open.filter(({ status }) => status?.approvalRequest !== undefined).length;
  const summary = `${open.length} open, ${asked} of them wait for a person`;
  return [ok('objectives', summary), ...objectives.flatMap((objective) => look(objective, nowMs))];
};

function look(objective: Objective, nowMs: number): Finding[] {
  const { metadata, spec, status } = objective;
  const { name } = metadata;
  const about = (level: typeof warning, words: string, remedy: string) => [
    level('objectives', `${name}: ${words}`, remedy),
  ];
  if (isOlderThan(metadata.deletionTimestamp, DELETING_SECONDS, nowMs))
    return about(problem, 'is being deleted, and does not go', 'does a Ringmaster lead? It lets it go within a minute');
  if (hasEnded(objective)) return [];
  const since = status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  if (spec?.desiredState === 'Paused')
    return isOlderThan(since, PAUSED_SECONDS, nowMs)
      ? about(warning, 'is paused for a week and more', `carnival resume ${name}, or carnival abort ${name}`)
      : [];
  if (status?.queue && isOlderThan(status.queue.since, WAITS_SECONDS, nowMs)) {
    const waited = duration(nowMs - Date.parse(status.queue.since));
    const level = status.queue.reason === 'NoFreeWagon' ? warning : problem;
    return about(
      level,
      `waits for ${waited}: ${reasonOf(objective) ?? status.queue.reason}`,
      `carnival status ${name}`,
    );
  }
  const expiresAt = Date.parse(status?.approvalRequest?.expiresAt ?? '');
  if (expiresAt - nowMs < EXPIRES_MS)
    return about(warning, 'its question expires within ten minutes', `carnival plan ${name}`);
  const works = status?.phase === 'Scheduled' || status?.phase === 'Debating' || status?.phase === 'Executing';
  if (works && newest(objective) < nowMs - SILENT_SECONDS * 1000)
    return about(
      warning,
      `nothing of it has changed for an hour and more (${status.phase})`,
      `carnival logs ${name} -f`,
    );
  if (status === undefined && isOlderThan(metadata.creationTimestamp, 60, nowMs))
    return about(problem, 'nobody has looked at it yet', 'does a Ringmaster lead?');
  return [];
}

/** The last write to its status that is told. */
function newest({ metadata, status }: Objective): number {
  const times = [
    ...(status?.conditions ?? []).map(({ lastTransitionTime }) => lastTransitionTime),
    ...(metadata.managedFields ?? []).filter(({ subresource }) => subresource === 'status').map(({ time }) => time),
  ];
  return Math.max(...times.map((time) => Date.parse(time ?? '')).filter((time) => !Number.isNaN(time)), 0);
}
