import type { DraftTask } from './draft-task.ts';
import { mendPaths } from './mend-paths.ts';

/** A plan as it was read from an answer: not yet judged. */
export interface ReadPlan {
  /** For `checkPlan`. */
  candidate: unknown;
  /** What was mended on the way, in words for people; at most 16 of 256 code points. */
  repairs: string[];
}

const MAX_REPAIRS = 16;

type Say = (repair: string) => void;

/**
 * Reads a tactician's JSON into the contract's shape: slots (`tasks.t1` …), or a list as models without a schema write it. Mends once what
 * has only one sensible reading, and says each mending. Never guesses at what a task should do. Total: any JSON value gives a candidate.
 */
export function readPlan(answer: unknown): ReadPlan {
  const said: string[] = [];
  const say: Say = (repair) => {
    if (said.length < MAX_REPAIRS) said.push([...repair].slice(0, 256).join(''));
  };
  const root = isRecord(answer) && !('tasks' in answer) && isRecord(answer['plan']) ? answer['plan'] : answer;
  if (!isRecord(root)) return { candidate: root, repairs: said };
  const entries = entriesOf(root['tasks']);
  if (entries === undefined) return { candidate: root, repairs: said };
  const renamed = new Map(entries.map(({ id, given }) => [given, id]));
  const tasks = entries.map((entry) => draftOf(entry, renamed, say));
  breakCycles(tasks, say);
  mendPaths(tasks, say);
  return { candidate: { summary: summaryOf(root['summary'], tasks, say), tasks }, repairs: said };
}

interface Entry {
  id: string;
  /** The id as the answer names it, in its dependencies too. */
  given: string;
  task: Record<string, unknown>;
}

/** Slots keep their names; a list is numbered in its order, whatever its ids look like. */
function entriesOf(tasks: unknown): Entry[] | undefined {
  if (Array.isArray(tasks)) {
    return tasks.filter(isRecord).map((task, index) => {
      const given = task['id'];
      return { id: `t${index + 1}`, given: given === undefined ? `t${index + 1}` : String(given), task };
    });
  }
  if (!isRecord(tasks)) return undefined;
  return Object.entries(tasks).flatMap(([name, task]) =>
    isRecord(task) && /^t[1-9]\d{0,2}$/.test(name) ? [{ id: name, given: name, task }] : [],
  );
}

function draftOf({ id, task }: Entry, renamed: ReadonlyMap<string, string>, say: Say): DraftTask {
  const instruction = textOf(task, ['instruction', 'instructions', 'description', 'details', 'prompt']);
  const path = textOf(task, ['path', 'file', 'filename']);
  const draft: DraftTask = {
    id,
    title: titleOf(id, task, instruction, say),
    kind: kindOf(id, task['kind'] ?? task['type'], path !== undefined, say),
    instruction,
    ...(path === undefined ? {} : { path }),
    acceptance: { type: 'NonEmpty' },
    ...(typeof task['role'] === 'string' && task['role'] !== '' ? { role: task['role'] } : {}),
    ...(isOneOf(['Low', 'Medium', 'High'], task['risk']) ? { risk: task['risk'] } : {}),
    dependsOn: dependenciesOf(id, task, renamed, say),
  };
  mendAcceptance(draft, task, say);
  return draft;
}

function titleOf(id: string, task: Record<string, unknown>, instruction: unknown, say: Say): unknown {
  const given = textOf(task, ['title', 'name']);
  const title = given ?? (typeof instruction === 'string' ? instruction.split(/[.\n]/)[0] : undefined);
  if (given === undefined && title !== undefined)
    say(`${id}: the title was missing; it is the beginning of the instruction`);
  if (title === undefined) return undefined;
  const flat = title.replace(/\s+/g, ' ').trim();
  return [...flat].slice(0, 120).join('');
}

/** Only the spelling is mended: a kind that is not installed is refused, and the model asked again. */
function kindOf(id: string, given: unknown, hasPath: boolean, say: Say): unknown {
  const kind = ['File', 'Analysis', 'Command', 'Objective'].find(
    (known) => known.toLowerCase() === String(given).toLowerCase(),
  );
  if (kind !== undefined) return kind;
  const assumed = hasPath ? 'File' : 'Analysis';
  say(`${id}: the kind was ${given === undefined ? 'missing' : `“${String(given)}”`}; it is ${assumed}`);
  return assumed;
}

function dependenciesOf(
  id: string,
  task: Record<string, unknown>,
  renamed: ReadonlyMap<string, string>,
  say: Say,
): string[] {
  const given = task['dependsOn'] ?? task['depends_on'] ?? task['dependencies'] ?? task['deps'] ?? [];
  const names = (Array.isArray(given) ? given : [given]).filter((name) => name !== null && name !== '').map(String);
  const known = names.flatMap((name) => renamed.get(name) ?? []);
  const kept = [...new Set(known)].filter((name) => name !== id);
  if (kept.length < new Set(names).size)
    say(`${id}: dependencies on itself or on tasks that are not there were left out`);
  return kept;
}

/** Ids stand in the order of the work: where tasks wait for each other, what points forward is what is wrong. */
function breakCycles(tasks: DraftTask[], say: Say): void {
  const done = new Set<string>();
  let open = tasks;
  for (let before = -1; before !== open.length; ) {
    before = open.length;
    for (const task of open) if (task.dependsOn.every((id) => done.has(id))) done.add(task.id);
    open = open.filter((task) => !done.has(task.id));
  }
  if (open.length === 0) return;
  for (const [index, task] of tasks.entries()) {
    const earlier = new Set(tasks.slice(0, index).map(({ id }) => id));
    task.dependsOn = task.dependsOn.filter((id) => earlier.has(id));
  }
  say(`tasks waited for each other (${open.map(({ id }) => id).join(', ')}); each now waits only for earlier ones`);
}

function mendAcceptance(draft: DraftTask, task: Record<string, unknown>, say: Say): void {
  const given = isRecord(task['acceptance']) ? task['acceptance'] : {};
  const words = textOf(task, ['mustContain']) ?? textOf(given, ['value']);
  if (given['type'] === 'ValidJSON') {
    if (/\.json$/i.test(String(draft.path))) draft.acceptance = { type: 'ValidJSON' };
    else say(`${draft.id}: only a .json file can be checked as JSON; the check is that it is not empty`);
    return;
  }
  if (words === undefined || given['type'] === 'NonEmpty') return;
  const value = [...words.trim()].slice(0, 200).join('');
  draft.acceptance = { type: 'Contains', value };
  // A check that whoever does the task is not told of would be a trap.
  if (typeof draft.instruction === 'string' && !draft.instruction.includes(value))
    draft.instruction = `${draft.instruction.trimEnd()}\nThe result must contain these words: ${value}`;
}

function summaryOf(given: unknown, tasks: readonly DraftTask[], say: Say): unknown {
  if (typeof given === 'string' && given.trim() !== '') return [...given.trim()].slice(0, 512).join('');
  say('the summary was missing; it is made of the titles');
  return [...tasks.map(({ title }) => String(title)).join('; ')].slice(0, 512).join('');
}

/** The first member that is a text with something in it. */
function textOf(source: Record<string, unknown>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = source[name];
    if (typeof value === 'string' && value.trim() !== '') return value;
  }
  return undefined;
}

const isOneOf = (words: readonly string[], value: unknown): boolean =>
  typeof value === 'string' && words.includes(value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
