import type { PlanProposal, PlanTask } from '@dark-carnival/crds';

/** How much of a plan is the same as in another. */
export type Likeness = 'same' | 'near' | 'different';

/** From this resemblance on two plans of one shape are nearly the same: about one changed word in thirty. */
export const NEAR_FROM = 0.9;
/** Characters of one shingle: with so few any language counts alike, also one without spaces. */
const SHINGLE = 5;
/** Characters of a plan that are compared. */
const COMPARED = 65_536;

/**
 * Compares two plans. Their shape is what the tasks leave and wait for: where it differs something moved, however alike the words are. The
 * words are compared without case, punctuation and white space: the same, or near by the resemblance of their shingles (Broder 1997: the share
 * that both have, of all that either has).
 */
export function likeness(before: PlanProposal, now: PlanProposal): Likeness {
  if (shapeOf(before) !== shapeOf(now)) return 'different';
  const [first, second] = [wordsOf(before), wordsOf(now)];
  if (first === second) return 'same';
  return resemblance(shingles(first), shingles(second)) >= NEAR_FROM ? 'near' : 'different';
}

const shapeOf = ({ tasks }: PlanProposal): string =>
  JSON.stringify(
    tasks.map(({ kind, path, dependsOn, role, risk, acceptance }) => [
      kind,
      path,
      dependsOn,
      role,
      risk,
      acceptance.type,
    ]),
  );

const wordsOf = ({ summary, tasks }: PlanProposal): string =>
  [summary, ...tasks.flatMap(textsOf)]
    .join(' ')
    .slice(0, COMPARED)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const textsOf = ({ title, instruction, acceptance }: PlanTask): string[] => [
  title,
  instruction,
  acceptance.value ?? '',
];

function shingles(words: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (let at = 0; at + SHINGLE <= words.length; at += 1) found.add(words.slice(at, at + SHINGLE));
  return found;
}

/** 0 to 1; of two texts too short for a shingle 0, since they are not the same. */
function resemblance(first: ReadonlySet<string>, second: ReadonlySet<string>): number {
  let shared = 0;
  for (const shingle of first) if (second.has(shingle)) shared += 1;
  const all = first.size + second.size - shared;
  return all === 0 ? 0 : shared / all;
}
