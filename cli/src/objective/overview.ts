import type { NodeView, Objective, Wagon } from '@dark-carnival/crds';
import { approximately, safeLine } from '@dark-carnival/crds/text';
import { ageOf } from '../terminal/age.ts';
import { table } from '../terminal/table.ts';
import type { Paint } from '../terminal/terminal.ts';
import { queuePositions, reasonOf } from './standing.ts';

export interface Overview {
  wagons: readonly Wagon[];
  objectives: readonly Objective[];
  /** Of the hub; undefined where it does not answer. */
  nodes: readonly NodeView[] | undefined;
}

/** Wagons and Objectives of a namespace, the newest Objective last, as kubectl would line them up. */
export function overviewText({ wagons, objectives, nodes }: Overview, nowMs: number, paint: Paint): string {
  const parts = [
    wagons.length === 0
      ? 'no wagons'
      : table(['WAGON', 'ROLE', 'PHASE', 'JOBS', 'HEARD', 'MODELS'], wagonRows(wagons, nodes)),
    objectives.length === 0
      ? 'no objectives yet: npx carnival run "Plan a tide chart for a small harbour" --wait'
      : table(['OBJECTIVE', 'PHASE', 'WAGON', 'TASKS', 'TOKENS', 'COST', 'AGE', ''], objectiveRows(objectives, nowMs)),
  ];
  return parts
    .map((part) => part.replace(/^.*$/m, (heading) => (heading.includes('   ') ? paint.bold(heading) : heading)))
    .join('\n\n');
}

function wagonRows(wagons: readonly Wagon[], nodes: readonly NodeView[] | undefined): string[][] {
  const views = new Map(nodes?.map((node) => [node.name, node]));
  return byName(wagons).map(({ metadata, spec, status }) => {
    const view = views.get(metadata.name);
    const jobs = view?.jobs ?? status?.jobs;
    const heard = view?.heartbeatAgeSeconds === undefined ? '-' : `${Math.round(view.heartbeatAgeSeconds)}s ago`;
    const models = (view?.providers ?? status?.providers ?? []).filter(({ healthy }) => healthy === 'True');
    return [
      spec?.nodeID ?? metadata.name,
      spec?.role ?? '-',
      status?.phase ?? 'Provisioning',
      jobs ? `${jobs.running}/${jobs.capacity}` : '-',
      heard,
      safeLine(models.map(({ name }) => name).join(',') || '-', 60),
    ].map((cell) => safeLine(cell, 64));
  });
}

function objectiveRows(objectives: readonly Objective[], nowMs: number): string[][] {
  const positions = queuePositions(objectives);
  return objectives
    .toSorted((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1))
    .map((objective) => {
      const { metadata, status } = objective;
      return [
        metadata.name,
        status?.phase ?? 'Pending',
        status?.wagonName ?? '-',
        status?.taskSummary ?? '-',
        status?.usage ? approximately({ ...status.usage, tokens: status.usage.totalTokens }) : '-',
        status?.usage?.costUSD ?? '-',
        ageOf(metadata.creationTimestamp, nowMs),
        remark(objective, positions.get(metadata.name)),
      ];
    });
}

function remark(objective: Objective, place: { position: number; of: number } | undefined): string {
  const { metadata, spec, status } = objective;
  if (spec?.desiredState === 'Paused') return 'paused';
  if (place) return `${status?.queue?.reason ?? 'waits'}, ${place.position} of ${place.of} in the queue`;
  if (status?.phase === 'AwaitingHuman') return `npx carnival plan ${metadata.name}`;
  if (status?.phase === 'Failed' || status?.phase === 'Expired') return safeLine(reasonOf(objective) ?? '', 60);
  return '';
}

const byName = <T extends Wagon>(objects: readonly T[]): T[] =>
  objects.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
