import { isDeepStrictEqual } from 'node:util';
import type { Performance } from './performance.ts';
import type { Story } from './stories.ts';

/** What is wrong with a run, compared with the run without faults. Empty where all is well. */
export function judge(story: Story, run: Performance, honest: Performance): string[] {
  if (!run.ended) return [`it does not end: ${run.phases.join(' → ')}`, ...run.left];
  const budget = (story.spec as { budget?: { maxTokens?: number } }).budget?.maxTokens;
  const spent = run.purchases.filter(({ outcome }) => outcome === 'answered').length * 30;
  const compared = story.races ? thatItEnded : story.losesWagon && run.lostWord ? whereverItRan : asItIs;
  return [
    ...differs('', compared(run), compared(honest)),
    ...run.running.map((id) => `${id} still runs`),
    ...run.left,
    ...run.writesAtRest.map((write) => `${write} on what had ended`),
    ...twiceWithOtherBody(run),
    ...afterTheAbort(run),
    ...boughtAgain(story, run, honest),
    ...(budget !== undefined && spent > budget ? [`${spent} tokens spent of ${budget}`] : []),
    ...(run.usage.totalTokens > spent ? [`${run.usage.totalTokens} tokens booked of ${spent}`] : []),
  ];
}

/** All that must be the same. */
function asItIs({ end, phases, lifecycle, files }: Performance) {
  return { end, phases, lifecycle: sorted(lifecycle), files: withoutUids(files) };
}

const thatItEnded = ({ phases, lifecycle }: Performance) => ({ phases, lifecycle: sorted(lifecycle) });

/**
 * Where a wagon and the controller die in one run, the next controller first believes every wagon to live: it may give the dead one work again, and learns 35 s later
 * that it was lost. What is done, and how often, is the same; on which wagon and in which attempt is not.
 */
function whereverItRan({ end, phases, lifecycle, files }: Performance) {
  const placeless = (key: string, value: unknown) => (PLACES.has(key) ? undefined : value);
  return {
    end: JSON.parse(JSON.stringify(end ?? null), placeless),
    phases,
    lifecycle: sorted(lifecycle.filter((line) => !line.includes('-resume-'))),
    files: sorted(files.map((line) => line.replace(/^.* /, ''))),
  };
}

const PLACES: ReadonlySet<string> = new Set(['wagonName', 'attempt', 'message']);

const sorted = (lines: readonly string[]) => [...lines].sort();
const withoutUids = (files: readonly string[]) => sorted(files.map((line) => line.replace(/^[^.]*\./, '')));

/** Where two values differ, innermost places only. */
function differs(where: string, run: unknown, honest: unknown): string[] {
  if (isDeepStrictEqual(run, honest)) return [];
  const [a, b] = [membersOf(run), membersOf(honest)];
  if (!a || !b) return [`${where}: ${JSON.stringify(run)} instead of ${JSON.stringify(honest)}`];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((key) => differs(`${where} ${key}`, a.get(key), b.get(key)));
}

function membersOf(value: unknown): Map<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}

function twiceWithOtherBody({ puts }: Performance): string[] {
  const bodies = new Map<string, string>();
  const wrong = new Set<string>();
  for (const { id, body } of puts) {
    if ((bodies.get(id) ?? body) !== body) wrong.add(`${id} was given with two bodies`);
    bodies.set(id, body);
  }
  return [...wrong];
}

/** Nothing is begun once the API has an abort, whether the controller has heard of it or not. */
function afterTheAbort({ puts, abortedAt = Number.POSITIVE_INFINITY }: Performance): string[] {
  const before = new Set(puts.filter(({ at }) => at <= abortedAt).map(({ id }) => id));
  return [...new Set(puts.map(({ id }) => id))]
    .filter((id) => !before.has(id))
    .map((id) => `${id} was begun after the abort`);
}

/**
 * Each question is asked once, and once more for each time that its call was in flight when a wagon died. An answer of which a wagon that died had told nobody, or
 * only a controller that died as well, is bought again: there is nowhere to have it from.
 */
function boughtAgain({ losesWagon }: Story, { purchases, lostWord }: Performance, honest: Performance): string[] {
  const wrong: string[] = [];
  for (const key of new Set(purchases.map((purchase) => purchase.key))) {
    const of = purchases.filter((purchase) => purchase.key === key);
    const lost = of.filter(({ outcome }) => outcome === 'lost').length;
    const bothLost = losesWagon && lostWord ? new Set(of.map(({ wagon }) => wagon)).size - 1 : 0;
    const allowed = 1 + Math.max(lost, bothLost);
    if (of.length > allowed) wrong.push(`${key} was bought ${of.length} times, ${lost} of them in flight at a death`);
    if (!honest.purchases.some((purchase) => purchase.key === key))
      wrong.push(`${key} was bought, which nobody wanted`);
  }
  return wrong;
}
