import type { Objection, ObjectionAnswer, PlanProposal } from '@dark-carnival/crds';
import { clip } from '@dark-carnival/crds/text';
import { critiqueFromTurn } from '../../debate/critique.ts';
import type { TurnPurpose } from '../provider.ts';
import type { Deliverable } from './deliverables.ts';
import { plannedFor } from './turn-text.ts';

/** What the tactician hands in: a valid plan with the mark of the Rehearsal in it. */
export type RehearsedPlan = PlanProposal & { rehearsal: string; answers: Record<string, ObjectionAnswer> };

/** Makes the plan of a round: the goal's deliverables as tasks, the gravest objection answered, the feedback obeyed. */
export function planAnswer(purpose: TurnPurpose): RehearsedPlan {
  const { goal, items } = plannedFor(purpose);
  const last = purpose.feedback.at(-1);
  const objections = objectionsHeard(purpose);
  const [gravest] = objections;
  const ids = new Map(items.map((item, index) => [item.role, `t${index + 1}`]));
  const taken = last === undefined ? '' : ` Feedback taken: “${clip(last.replace(/\s+/g, ' '), 160)}”.`;
  return {
    rehearsal: 'REHEARSAL: no language model wrote this plan',
    answers: Object.fromEntries(objections.map(({ id }, index) => [id, index === 0 ? TAKEN_UP : LEFT_ASIDE])),
    summary: clip(
      `REHEARSAL: ${items.length} ${items.length === 1 ? 'task' : 'tasks'} for ${goal.named}, from open questions to ${lastThing(items)}.${taken}`,
      512,
    ),
    tasks: items.map((item, index) => ({
      id: `t${index + 1}`,
      title: item.title,
      kind: item.path === undefined ? 'Analysis' : 'File',
      instruction: clip(
        index === 0 && gravest !== undefined
          ? `${item.instruction} Answer the critic too: ${gravest.claim}`
          : item.instruction,
        8192,
      ),
      ...(item.path === undefined ? {} : { path: item.path }),
      acceptance: item.mustContain === undefined ? { type: 'NonEmpty' } : { type: 'Contains', value: item.mustContain },
      risk: 'Low',
      dependsOn: item.after.flatMap((role) => ids.get(role) ?? []),
    })),
  };
}

const lastThing = (items: readonly Deliverable[]): string => items.at(-1)?.path ?? 'an analysis';

const TAKEN_UP: ObjectionAnswer = { response: 'Accepted', reason: 'The first task answers it, in its own words.' };
const LEFT_ASIDE: ObjectionAnswer = {
  response: 'Rejected',
  reason: 'This is a rehearsal: only the gravest objection is taken into the tasks. A model would weigh this one.',
};

/** The critic's objections, as this round heard them. */
function objectionsHeard({ earlier }: TurnPurpose): Objection[] {
  const critic = earlier.find(({ seat }) => seat === 'critic');
  return critic ? critiqueFromTurn(critic.text).objections : [];
}
