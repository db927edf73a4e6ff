import { DISSENT_LIMITS, type Objection, SEVERITIES, type Seat, type Severity } from '@dark-carnival/crds';
import { clip, safeLine } from '@dark-carnival/crds/text';
import { type Critique, critiqueText } from '../../debate/critique.ts';
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

/** What the critic says, typed and in the words of its turn: a verdict, and objections with severity and evidence. */
export function criticAnswer(purpose: TurnPurpose): { text: string; json: Critique } {
  const { goal, items } = plannedFor(purpose);
  const objections = objectionsTo(goal, items, purpose);
  const verdict = objections.some(({ severity }) => severity !== 'Minor') ? 'Reject' : 'Accept';
  const json: Critique = { verdict, objections };
  return { text: [BANNER('critic'), critiqueText(json)].join('\n\n'), json };
}

/** Objections follow from what the directive leaves open; at most 6, the gravest first. */
export function objectionsTo(
  goal: Goal,
  items: readonly Deliverable[],
  { directive, feedback }: Pick<TurnPurpose, 'directive' | 'feedback'>,
): Objection[] {
  const { named, setting, wants } = goal;
  const main = [...items].sort((left, right) => left.rank - right.rank)[0];
  const said = (words: string, max: number) => `“${clip(words.replace(/\s+/g, ' ').trim(), max)}”`;
  const whole = `the goal says ${said(directive, 160)}`;
  const found: ([Severity, string, string] | undefined)[] = [
    [...OBJECTION_OF_KIND[goal.kind](goal), whole],
    goal.isMeasured
      ? undefined
      : [
          'Major',
          'measure: nothing in the goal is counted. How many, for how long, how exact? Without a number nobody can fail it.',
          `${whole}, and no number`,
        ],
    setting === ''
      ? [
          'Major',
          `audience: it is not said for whom ${named} is, so every choice of detail is a guess.`,
          `${whole}, and nobody who will use it`,
        ]
      : undefined,
    wants.length > 3
      ? [
          'Minor',
          `scope: ${wants.length} things are asked for at once; one should work before the rest.`,
          `the first of them is ${said(wants[0] ?? '', 80)}`,
        ]
      : undefined,
    feedback.length > 0
      ? [
          'Minor',
          'feedback: it must be seen in the files, not only in the plan.',
          `a person said ${said(feedback.at(-1) ?? '', 160)}`,
        ]
      : undefined,
    main?.path === undefined
      ? undefined
      : [
          'Minor',
          'order: the main file depends on answers that nobody has given yet; it has to say which it assumes.',
          `the draft names ${main.path} among the first results`,
        ],
  ];
  const order = found.filter((objection) => objection !== undefined);
  return order
    .sort(([left], [right]) => SEVERITIES.indexOf(left) - SEVERITIES.indexOf(right))
    .slice(0, 6)
    .map(([severity, claim, evidence], index) => ({
      id: `o${index + 1}`,
      severity,
      claim: safeLine(claim, DISSENT_LIMITS.text),
      evidence: safeLine(evidence, DISSENT_LIMITS.text),
    }));
}

const OBJECTION_OF_KIND: Record<Goal['kind'], (goal: Goal) => [Severity, string]> = {
  code: ({ named }) => [
    'Major',
    `errors: the draft does not say what the module for ${named} does with input that is wrong, empty or huge.`,
  ],
  cleanup: ({ named }) => [
    'Blocker',
    `loss: a rule that drops rows of ${named} can drop good ones. What was removed must be counted and kept.`,
  ],
  brief: ({ named }) => [
    'Major',
    `decision: research on ${named} without a decision it serves never ends. Name the decision and the date.`,
  ],
  runbook: ({ named }) => [
    'Blocker',
    `way back: no step says how to undo ${named} half way, nor when it is too late for that.`,
  ],
  comparison: ({ named }) => [
    'Major',
    `weights: ${named} can be made to come out either way until the needs are weighted before the scores.`,
  ],
  checklist: ({ named }) => ['Major', `owner: an item for ${named} without a name beside it is nobody's.`],
  plan: ({ named, shape }) =>
    shape === 'series'
      ? [
          'Major',
          `source: ${named} is only as good as its readings, and nobody has said where they come from or who corrects them.`,
        ]
      : ['Major', `owner: ${named} has steps but nobody who takes them, and no date by which it is too late.`],
};
