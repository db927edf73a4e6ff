import type { Seat } from '@dark-carnival/crds';
import { clip } from '@dark-carnival/crds/text';
import type { TurnPurpose } from '../provider.ts';
import { type Deliverable, deliverablesFor } from './deliverables.ts';
import { applyFeedback, fewest } from './feedback.ts';
import { type Goal, goalOf } from './goal.ts';

/** The tasks that the Rehearsal plans for, in order: those of the goal, changed by the feedback, no more than allowed. */
export function plannedFor({ directive, feedback, maxTasks }: TurnPurpose): { goal: Goal; items: Deliverable[] } {
  const goal = goalOf(directive);
  return { goal, items: fewest(applyFeedback(deliverablesFor(goal), feedback, goal), maxTasks) };
}

const BANNER = (seat: Seat): string =>
  `REHEARSAL: no language model spoke. This is the scripted ${seat}; it shows how a round goes and leaves a start worth keeping.`;

const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

/** What the visionary says: what the goal becomes, concretely, file by file. */
export function visionaryText(purpose: TurnPurpose): string {
  const { goal, items } = plannedFor(purpose);
  const last = purpose.feedback.at(-1);
  const setting = goal.setting === '' ? '' : ` for ${goal.setting}`;
  const result = items.map(
    (item) => `${item.path === undefined ? 'An analysis' : `\`${item.path}\``}: ${lowerFirst(item.title)}.`,
  );
  const success =
    goal.wants.length > 0
      ? goal.wants.map((want) => `Somebody else can see that it does this: ${want}.`)
      : [
          `Somebody who had no part in ${goal.named}${setting} can work with the files without asking.`,
          'Every file says what it does not cover.',
        ];
  return [
    BANNER('visionary'),
    `## ${goal.title}${setting}`,
    `I read this as ${KIND_WORDS[goal.kind]}. The smallest version that is of use does one thing from end to end; everything else is named and left out.`,
    ...(last === undefined ? [] : [`You said: “${clip(last.replace(/\s+/g, ' '), 300)}”. That comes first this time.`]),
    `### What will be there\n\n${bullets(result)}`,
    `### How we see that it worked\n\n${bullets(success)}`,
    `### The bet\n\n${BETS[goal.kind](goal)}`,
  ].join('\n\n');
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const KIND_WORDS: Record<Goal['kind'], string> = {
  code: 'a piece of software with tests',
  cleanup: 'a clean-up of data that will have to be repeated',
  brief: 'research that somebody wants to decide on',
  runbook: 'a procedure that a tired person must get right',
  comparison: 'a choice that needs reasons',
  checklist: 'a list that keeps things from being forgotten',
  plan: 'a thing to be planned before it is made',
};

const BETS: Record<Goal['kind'], (goal: Goal) => string> = {
  code: ({ named }) =>
    `A module for ${named} that refuses bad input loudly is worth more than one that does twice as much.`,
  cleanup: ({ named }) => `If every rule for ${named} is a small function with a test, the next export costs minutes.`,
  brief: ({ named }) => `Three good questions about ${named} are worth more than thirty sources.`,
  runbook: ({ named }) =>
    `Each step of ${named} can be checked by looking; a step that cannot is the one that fails at night.`,
  comparison: ({ named }) =>
    `Once the needs have weights, most of ${named} decides itself, and the rest can be tried out in a day.`,
  checklist: ({ named }) => `A list for ${named} that fits on one page is used; a longer one is not.`,
  plan: ({ named, setting }) =>
    `${setting === '' ? 'The people who will use it' : `Those at ${setting}`} can say within a minute whether the first version of ${named} is right. Show it early.`,
};

/** What the critic says: a verdict, and objections with their severity and what they are about. */
export function criticText(purpose: TurnPurpose): string {
  const { goal, items } = plannedFor(purpose);
  const objections = objectionsTo(goal, items, purpose.feedback);
  const verdict = objections.some((objection) => !objection.startsWith('[minor]')) ? 'reject' : 'accept';
  return [BANNER('critic'), `VERDICT: ${verdict}`, bullets(objections)].join('\n\n');
}

/** Objections follow from what the directive leaves open; at most 6, the gravest first. */
export function objectionsTo(goal: Goal, items: readonly Deliverable[], feedback: readonly string[]): string[] {
  const { named, setting, wants } = goal;
  const main = [...items].sort((left, right) => left.rank - right.rank)[0];
  const found = [
    OBJECTION_OF_KIND[goal.kind](goal),
    goal.isMeasured
      ? undefined
      : `[major] measure: nothing in the goal is counted. How many, for how long, how exact? Without a number nobody can fail it.`,
    setting === ''
      ? `[major] audience: it is not said for whom ${named} is, so every choice of detail is a guess.`
      : undefined,
    wants.length > 3
      ? `[minor] scope: ${wants.length} things are asked for at once; “${clip(wants[0] ?? '', 80)}” should work before the rest.`
      : undefined,
    feedback.length > 0
      ? `[minor] feedback: “${clip(feedback.at(-1)?.replace(/\s+/g, ' ') ?? '', 100)}” must be seen in the files, not only in the plan.`
      : undefined,
    main?.path === undefined
      ? undefined
      : `[minor] order: ${main.path} depends on answers that nobody has given yet; it has to say which it assumes.`,
  ];
  const gravity = ['[blocker]', '[major]', '[minor]'];
  return found
    .filter((objection) => objection !== undefined)
    .sort((left, right) => gravity.indexOf(left.split(' ')[0] ?? '') - gravity.indexOf(right.split(' ')[0] ?? ''))
    .map((objection) => clip(objection, 256))
    .slice(0, 6);
}

const OBJECTION_OF_KIND: Record<Goal['kind'], (goal: Goal) => string> = {
  code: ({ named }) =>
    `[major] errors: the draft does not say what the module for ${named} does with input that is wrong, empty or huge.`,
  cleanup: ({ named }) =>
    `[blocker] loss: a rule that drops rows of ${named} can drop good ones. What was removed must be counted and kept.`,
  brief: ({ named }) =>
    `[major] decision: research on ${named} without a decision it serves never ends. Name the decision and the date.`,
  runbook: ({ named }) =>
    `[blocker] way back: no step says how to undo ${named} half way, nor when it is too late for that.`,
  comparison: ({ named }) =>
    `[major] weights: ${named} can be made to come out either way until the needs are weighted before the scores.`,
  checklist: ({ named }) => `[major] owner: an item for ${named} without a name beside it is nobody's.`,
  plan: ({ named, shape }) =>
    shape === 'series'
      ? `[major] source: ${named} is only as good as its readings, and nobody has said where they come from or who corrects them.`
      : `[major] owner: ${named} has steps but nobody who takes them, and no date by which it is too late.`,
};
