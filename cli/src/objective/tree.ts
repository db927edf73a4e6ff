import type { Objective, TaskStatus, Wagon } from '@dark-carnival/crds';
import { answeredFor, consumedWords, safeLine } from '@dark-carnival/crds/text';
import type { Paint } from '../terminal/terminal.ts';
import { otherCosts, roundCosts } from './cost-lines.ts';

interface Branch {
  text: string;
  branches: Branch[];
}

const leaf = (text: string): Branch => ({ text, branches: [] });

/** Wagons with the Objectives that they host, and under each its tasks and the Objectives that it made. */
export function treeText(
  { wagons, objectives }: { wagons: readonly Wagon[]; objectives: readonly Objective[] },
  paint: Paint,
): string {
  const children = childrenOf(objectives);
  const roots = children.get(undefined) ?? [];
  const branchOf = (objective: Objective): Branch => ({
    text: objectiveLine(objective, paint),
    branches: [
      ...roundCosts(objective.status ?? {}).map((text) => leaf(paint.dim(text))),
      ...fallBackLines(objective, paint).map((text) => ({ text, branches: [] })),
      ...(objective.status?.tasks ?? []).map((task) => ({ text: taskLine(task, objective, paint), branches: [] })),
      ...[otherCosts(objective.status ?? {})].flatMap((text) => (text === undefined ? [] : [leaf(paint.dim(text))])),
      ...(children.get(objective.metadata.uid) ?? []).map(branchOf),
    ],
  });
  const hosted = (name: string | undefined) => roots.filter(({ status }) => status?.wagonName === name).map(branchOf);
  const names = new Set(wagons.map(({ metadata }) => metadata.name));
  const homeless = roots.filter(({ status }) => status?.wagonName === undefined || !names.has(status.wagonName));
  const trees: Branch[] = byName(wagons).map(({ metadata, spec, status }) => ({
    text: `${paint.bold(safeLine(spec?.nodeID ?? metadata.name, 64))}  ${safeLine(spec?.role ?? '', 64)}  ${status?.phase ?? 'Provisioning'}`,
    branches: hosted(metadata.name),
  }));
  if (homeless.length > 0) trees.push({ text: paint.bold('no wagon'), branches: homeless.map(branchOf) });
  return trees.length === 0 ? 'no wagons, no objectives' : trees.map((tree) => drawn(tree)).join('\n');
}

/** An Objective with all that descend from it. */
export function familyOf(root: Objective, objectives: readonly Objective[]): Objective[] {
  const children = childrenOf(objectives);
  const family = new Map([[root.metadata.uid, root]]);
  // A map's entries that are added on the way are visited too.
  for (const uid of family.keys())
    for (const child of children.get(uid) ?? [])
      if (!family.has(child.metadata.uid)) family.set(child.metadata.uid, child);
  return [...family.values()];
}

/** By the uid of the Objective that made them; under undefined those that nobody made, or one that is not there. Each list by name. */
function childrenOf(objectives: readonly Objective[]): Map<string | undefined, Objective[]> {
  const known = new Set(objectives.map(({ metadata }) => metadata.uid));
  return Map.groupBy(byName(objectives), ({ metadata, spec }) => {
    const parent = spec?.parentRef?.uid;
    return parent !== metadata.uid && known.has(parent) ? parent : undefined;
  });
}

function objectiveLine({ metadata, spec, status }: Objective, paint: Paint): string {
  const paused = spec?.desiredState === 'Paused' ? ' (paused)' : '';
  const tasks = status?.taskSummary === undefined ? '' : `  ${status.taskSummary} tasks`;
  const usage = status?.usage;
  const used = usage ? `  ${paint.dim(consumedWords({ ...usage, tokens: usage.totalTokens }))}` : '';
  return `${paint.bold(metadata.name)}  ${status?.phase ?? 'Pending'}${paused}${tasks}${used}`;
}

/** Of each seat the last time that not the first of its chain answered. A seat that went back to its first has none. */
function fallBackLines({ status }: Objective, paint: Paint): string[] {
  const last = new Map((status?.debate?.turns ?? []).map((turn) => [turn.seat, turn]));
  return [...last.values()].flatMap((turn) => {
    const words = answeredFor(turn);
    return words === undefined ? [] : [`${turn.seat}, round ${turn.round}: ${paint.yellow(safeLine(words, 200))}`];
  });
}

function taskLine(task: TaskStatus, { status }: Objective, paint: Paint): string {
  const { id, title, state, wagonName, attempt, artifact } = task;
  const where = wagonName !== undefined && wagonName !== status?.wagonName ? ` on ${wagonName}` : '';
  const again = (attempt ?? 1) > 1 ? `, attempt ${attempt}` : '';
  const file = artifact ? `  ${paint.dim(safeLine(artifact.file, 120))}` : '';
  const words = answeredFor(task);
  const instead = words === undefined ? '' : `  ${paint.yellow(safeLine(words, 200))}`;
  const used = task.tokens === undefined ? '' : `  ${paint.dim(consumedWords({ ...task, tokens: task.tokens }))}`;
  return `${id}  ${safeLine(title, 60)}  ${state}${where}${again}${used}${file}${instead}`;
}

function drawn({ text, branches }: Branch, indent = ''): string {
  const lines = branches.map((branch, index) => {
    const isLast = index === branches.length - 1;
    return `${indent}${isLast ? '└─ ' : '├─ '}${drawn(branch, `${indent}${isLast ? '   ' : '│  '}`)}`;
  });
  return [text, ...lines].join('\n');
}

const byName = <T extends { metadata: { name: string } }>(objects: readonly T[]): T[] =>
  objects.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
