import { clip } from '@dark-carnival/crds/text';
import type { Deliverable } from './deliverables.ts';
import type { Goal } from './goal.ts';
import { slugOf } from './slug.ts';

/** What a person's words ask of the plan, as far as words alone can say it. */
export interface FeedbackWish {
  /** The words on one line, at most 200 code points. */
  words: string;
  /** At most so many tasks. */
  cap?: number;
  /** One task fewer than before. */
  isShorter: boolean;
  /** Words that name what should go. */
  drop: string[];
  /** Whether more is asked for than shortening and dropping. */
  asksForMore: boolean;
}

const NUMBERS: Record<string, number> = { one: 1, two: 2, three: 3, four: 4, five: 5, six: 6 };
const CAP =
  /\b(?:at most|only|max(?:imum)?(?: of)?|no more than|just|limit(?: it)? to)\s+(\d{1,2}|one|two|three|four|five|six)\s+(?:tasks?|files?|steps?|items?)\b/i;
const SHORTER =
  /\b(?:fewer|less) (?:tasks?|files?|steps?)\b|\b(?:shorter|simpler|smaller) plan\b|\btoo (?:long|many|much)\b/i;
const DROP =
  /\b(?:no|without|drop|remove|skip|leave out|forget)\s+(?:the\s+|any\s+|all\s+)?([a-z][a-z -]{2,40}?)(?=[,.;:!?]|\s(?:and|but|for|please|then)\b|$)/gi;

/** Reads one feedback. */
export function wishOf(feedback: string): FeedbackWish {
  const text = feedback.replace(/\s+/g, ' ').trim();
  const cap = CAP.exec(text)?.[1]?.toLowerCase();
  const drop = [...text.matchAll(DROP)]
    .map((match) => match[1]?.toLowerCase() ?? '')
    .filter((word) => word !== 'more than');
  const rest = text
    .replace(CAP, '')
    .replace(SHORTER, '')
    .replace(DROP, '')
    .replace(/\b(?:please|and|the|a|it|use|make)\b|[^\p{L}\p{N}]+/giu, '');
  return {
    words: clip(text, 200),
    ...(cap === undefined ? {} : { cap: Math.max(1, NUMBERS[cap] ?? Number(cap)) }),
    isShorter: SHORTER.test(text),
    drop,
    asksForMore: rest.length > 3,
  };
}

/** Changes the deliverables as the feedback asks. What it asks for beyond shortening becomes a deliverable of its own, which answers it. */
export function applyFeedback(items: readonly Deliverable[], feedback: readonly string[], goal: Goal): Deliverable[] {
  let changed = [...items];
  for (const [index, wish] of feedback.map(wishOf).entries()) {
    const kept = changed.filter((item) => !wish.drop.some((word) => names(item, word)));
    if (kept.length > 0) changed = kept;
    if (wish.asksForMore) changed.push(answerTo(wish, goal, index));
    if (wish.isShorter && changed.length > 1) changed = fewest(changed, changed.length - 1);
    if (wish.cap !== undefined) changed = fewest(changed, wish.cap);
  }
  return changed;
}

/** The `count` most needed deliverables, still in the order of the work. */
export function fewest(items: readonly Deliverable[], count: number): Deliverable[] {
  const needed = [...items].sort((left, right) => left.rank - right.rank).slice(0, Math.max(1, count));
  return items.filter((item) => needed.includes(item));
}

function names({ role, title, path = '' }: Deliverable, words: string): boolean {
  const haystack = `${role} ${title} ${path}`.toLowerCase();
  // "no tests" means the task with "test" in it.
  return words
    .split(' ')
    .map((word) => word.replace(/s$/, ''))
    .some((word) => word.length >= 4 && new RegExp(`\\b${word.replace(/[^a-z]/g, '')}`).test(haystack));
}

function answerTo({ words }: FeedbackWish, goal: Goal, index: number): Deliverable {
  const name = slugOf(words.split(' ').slice(0, 6).join(' '), 'feedback');
  return {
    role: `answer-${index + 1}`,
    title: clip(`Answer the feedback: ${words}`, 120),
    instruction: `A person looked at the plan for ${goal.named} and said: “${words}”. Say under the heading “What changes” what that means for each file of the plan, work out what is missing, and write it here.`,
    path: `docs/${clip(goal.slug, 40)}-${name}.md`,
    after: [],
    mustContain: 'What changes',
    // Somebody asked for it: it goes last when tasks must go, but for the main file.
    rank: 0.5,
  };
}
