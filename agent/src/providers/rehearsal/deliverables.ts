import { clip } from '@dark-carnival/crds/text';
import type { Goal } from './goal.ts';

/** One thing that a plan leaves, before it becomes a task. */
export interface Deliverable {
  /** Names it within the plan, for dependencies; also says which template writes it. */
  role: string;
  title: string;
  instruction: string;
  /** Absent for an analysis, which gets its path from its id. */
  path?: string;
  /** Roles that come first. */
  after: string[];
  /** Text that the result must contain; said in the instruction too. */
  mustContain?: string;
  /** What is left out first where the plan may have fewer tasks: the highest. */
  rank: number;
}

type Maker = (goal: Goal) => Deliverable[];

/** The deliverables of a goal, in the order of the work: between three and five, each with a path made of the goal's own words. */
export function deliverablesFor(goal: Goal): Deliverable[] {
  return MAKERS[goal.kind](goal).map((item) => ({ ...item, title: clip(item.title, 120) }));
}

const quoted = ({ directive }: Goal): string => `The goal, in the words of who asked: “${directive}”.`;
const forWhom = ({ setting }: Goal): string => (setting === '' ? '' : ` for ${setting}`);
const wanted = ({ wants }: Goal): string => (wants.length === 0 ? '' : ` It must cover: ${wants.join('; ')}.`);

/** The title of the first task, up to the topic. */
const QUESTION: Record<Goal['kind'], string> = {
  code: 'Settle what goes in and out of',
  cleanup: 'Find out what is wrong with',
  brief: 'Settle what must be known about',
  runbook: 'Find out what can go wrong with',
  comparison: 'Settle what decides about',
  checklist: 'Find out what is forgotten in',
  plan: 'Settle the purpose of',
};

const questions = (goal: Goal, about: string): Deliverable => ({
  role: 'questions',
  title: `${QUESTION[goal.kind]} ${goal.named}${forWhom(goal)}`,
  instruction: `${quoted(goal)} Write down ${about}. End with a list headed “Open questions” that a person can answer in one sitting.`,
  after: [],
  mustContain: 'Open questions',
  rank: 3,
});

const modulePath = ({ slug }: Goal): string => `src/${slug}.mjs`;

const moduleAndTest = (goal: Goal, rank: number): Deliverable[] => [
  {
    role: goal.shape,
    title: `Write the module for ${goal.named}`,
    instruction: `${quoted(goal)} Write ${modulePath(goal)}: an ES module without dependencies, with an export for each thing it does, validated input, and errors that say what to correct.${wanted(goal)}`,
    path: modulePath(goal),
    after: ['questions'],
    mustContain: 'export',
    rank,
  },
  {
    role: `${goal.shape}-test`,
    title: `Test the module for ${goal.named}`,
    instruction: `Write test/${goal.slug}.test.mjs for ${modulePath(goal)} with node:test and node:assert: the ordinary case, empty input, bad input, and one test for each promise of the goal. ${quoted(goal)}`,
    path: `test/${goal.slug}.test.mjs`,
    after: [goal.shape],
    mustContain: 'node:test',
    rank: rank + 1,
  },
];

const document = (
  role: string,
  goal: Goal,
  what: { title: string; instruction: string; section: string; after: string[]; rank: number },
): Deliverable => ({
  role,
  title: what.title,
  instruction: `${quoted(goal)} ${what.instruction} Give it a section headed “${what.section}”.`,
  path: `docs/${goal.slug}-${role}.md`,
  after: what.after,
  mustContain: what.section,
  rank: what.rank,
});

const table = (
  role: string,
  goal: Goal,
  what: { title: string; instruction: string; after: string[]; rank: number },
): Deliverable => ({
  role,
  title: what.title,
  instruction: `${quoted(goal)} ${what.instruction}`,
  path: `data/${goal.slug}-${role}.csv`,
  after: what.after,
  rank: what.rank,
});

const MAKERS: Record<Goal['kind'], Maker> = {
  code: (goal) => [
    questions(goal, 'what goes in, what comes out, what counts as bad input, and the edge cases that a test must hold'),
    ...moduleAndTest(goal, 0),
    document('usage', goal, {
      title: `Explain how to use the module for ${goal.named}`,
      instruction: `Write a page for somebody who has never seen ${modulePath(goal)}: what it does, one example that runs as written, every export, every error.${wanted(goal)}`,
      section: 'Usage',
      after: [goal.shape],
      rank: 2,
    }),
  ],
  cleanup: (goal) => {
    const python = goal.language === 'Python';
    const script = python ? `src/clean_${goal.slug.replaceAll('-', '_')}.py` : `src/clean-${goal.slug}.mjs`;
    return [
      questions(goal, `what is wrong with ${goal.named} today, column by column, and the rule that mends each fault`),
      table('sample', goal, {
        title: `Collect a sample of ${goal.named} with every fault in it`,
        instruction:
          'Make a small CSV with a header and one row for each fault to be mended: stray spaces, doubled rows, mixed case, empty fields, quoted commas.',
        after: [],
        rank: 2,
      }),
      {
        role: python ? 'clean-python' : 'clean',
        title: `Write the clean-up script for ${goal.named}`,
        instruction: `${quoted(goal)} Write ${script}: it reads CSV, trims, drops empty and doubled rows, evens out header names and e-mail addresses, writes CSV, and says on the error stream what it changed. It never writes over its input.${wanted(goal)}`,
        path: script,
        after: ['sample'],
        mustContain: 'CSV',
        rank: 0,
      },
      {
        role: python ? 'clean-python-test' : 'clean-test',
        title: `Test the clean-up of ${goal.named}`,
        instruction: `Write tests for ${script} that run with the language's own test runner: one for each rule, one for input that is already clean, one for a file that is no CSV.`,
        path: python ? `test/test_clean_${goal.slug.replaceAll('-', '_')}.py` : `test/clean-${goal.slug}.test.mjs`,
        after: [python ? 'clean-python' : 'clean'],
        mustContain: python ? 'unittest' : 'node:test',
        rank: 1,
      },
    ];
  },
  brief: (goal) => [
    questions(
      goal,
      'the decision that the research is for, and the three to seven questions whose answers would change it',
    ),
    document('method', goal, {
      title: `Say how ${goal.named} will be researched`,
      instruction:
        'Write down where to look, in which order, what counts as evidence, how sources are judged, and when to stop.',
      section: 'Method',
      after: ['questions'],
      rank: 2,
    }),
    table('sources', goal, {
      title: `Start the log of sources on ${goal.named}`,
      instruction:
        'Make a CSV with one row per source to be read: question, kind of source, where to look for it, what it should answer, status.',
      after: ['questions'],
      rank: 4,
    }),
    document('brief', goal, {
      title: `Write the research brief on ${goal.named}`,
      instruction: `Write the brief: why it matters${forWhom(goal)}, what is known, what is not, what each answer would mean for the decision. Mark every claim that has no source yet.${wanted(goal)}`,
      section: 'Questions',
      after: ['questions', 'method'],
      rank: 0,
    }),
  ],
  runbook: (goal) => [
    questions(goal, 'what can go wrong on the way, what must be true before starting, and who must be told'),
    document('runbook', goal, {
      title: `Write the runbook for ${goal.named}`,
      instruction: `Write numbered steps${forWhom(goal)}, each with what to type or press, what one should then see, and what to do if one does not. Say when to stop and how to go back.${wanted(goal)}`,
      section: 'Steps',
      after: ['questions'],
      rank: 0,
    }),
    document('checklist', goal, {
      title: `Make the one-page checklist for ${goal.named}`,
      instruction:
        'Turn the runbook into a list to tick off during the work: before, during, after, and how to go back.',
      section: 'Before you start',
      after: ['runbook'],
      rank: 1,
    }),
    {
      role: 'drill',
      title: `Walk through the runbook for ${goal.named} as a drill`,
      instruction: `${quoted(goal)} Go through the runbook as somebody who does it for the first time, at night. Write down each step that is unclear, unsafe or cannot be checked, under the heading “Findings”.`,
      after: ['runbook', 'checklist'],
      mustContain: 'Findings',
      rank: 2,
    },
  ],
  comparison: (goal) => [
    questions(goal, 'the needs that decide, each with a weight from 1 to 5 and the least that is acceptable'),
    table('scores', goal, {
      title: `Set up the score sheet for ${goal.named}`,
      instruction: `Make a CSV with one row per need and option (${goal.options.join(', ') || goal.topic}): need, weight, option, score, evidence.`,
      after: ['questions'],
      rank: 2,
    }),
    document('comparison', goal, {
      title: `Compare ${goal.named}${forWhom(goal)}`,
      instruction: `Compare need by need: what is known, from where, what has to be tried out. No score without evidence.${wanted(goal)}`,
      section: 'Need by need',
      after: ['questions', 'scores'],
      rank: 0,
    }),
    document('decision', goal, {
      title: `Prepare the decision about ${goal.named}`,
      instruction:
        'Write a decision record: context, options, what speaks for and against each, what would make us think again. Leave the decision itself to a person.',
      section: 'Decision',
      after: ['comparison'],
      rank: 1,
    }),
  ],
  checklist: (goal) => [
    questions(goal, 'what goes wrong when an item is forgotten, and which items cannot be taken back'),
    document('checklist', goal, {
      title: `Write the checklist for ${goal.named}`,
      instruction: `Write items that can be ticked off${forWhom(goal)}, in the order of the work, each with who does it and how one sees that it is done.${wanted(goal)}`,
      section: 'Before you start',
      after: ['questions'],
      rank: 0,
    }),
    table('items', goal, {
      title: `Lay the items for ${goal.named} out as a table`,
      instruction: 'Make a CSV with one row per item of the checklist: order, item, owner, due, done.',
      after: ['checklist'],
      rank: 1,
    }),
  ],
  plan: (goal) => [
    questions(
      goal,
      'who it is for, what they do with it, what it needs to know, and how one would see that it is good',
    ),
    document('brief', goal, {
      title: `Write the brief for ${goal.named}${forWhom(goal)}`,
      instruction: `Write one page: purpose, who uses it, what goes in, what comes out, what is left out, and how it is judged.${wanted(goal)}`,
      section: 'Purpose',
      after: ['questions'],
      rank: 0,
    }),
    ...(goal.shape === 'series' ? moduleAndTest(goal, 1) : [milestones(goal)]),
    document('checklist', goal, {
      title: `List the steps to ${goal.named} in use`,
      instruction: `List what is left to do until it is in use${forWhom(goal)}, in order, each with who does it and how one sees that it is done.`,
      section: 'Before you start',
      after: ['brief'],
      rank: 4,
    }),
  ],
};

function milestones(goal: Goal): Deliverable {
  return table('milestones', goal, {
    title: `Lay out the milestones of ${goal.named}`,
    instruction: 'Make a CSV with one row per milestone: order, milestone, what exists then, depends on, owner, due.',
    after: ['brief'],
    rank: 1,
  });
}
