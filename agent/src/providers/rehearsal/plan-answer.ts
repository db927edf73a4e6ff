import type { PlanProposal } from '@dark-carnival/crds';
import { clip } from '@dark-carnival/crds/text';
import type { TurnPurpose } from '../provider.ts';
import type { Deliverable } from './deliverables.ts';
import { plannedFor } from './turn-text.ts';

/** What the tactician hands in: a valid plan with the mark of the Rehearsal in it. */
export type RehearsedPlan = PlanProposal & { rehearsal: string };

/** Makes the plan of a round: the goal's deliverables as tasks, the gravest objection answered, the feedback obeyed. */
export function planAnswer(purpose: TurnPurpose): RehearsedPlan {
  const { goal, items } = plannedFor(purpose);
  const last = purpose.feedback.at(-1);
  const objection = gravestObjection(purpose);
  const ids = new Map(items.map((item, index) => [item.role, `t${index + 1}`]));
  const taken = last === undefined ? '' : ` Feedback taken: “${clip(last.replace(/\s+/g, ' '), 160)}”.`;
  return {
    rehearsal: 'REHEARSAL: no language model wrote this plan',
    summary: clip(
      `REHEARSAL: ${items.length} ${items.length === 1 ? 'task' : 'tasks'} for ${goal.named}, from open questions to ${lastThing(items)}.${taken}`,
      512,
    ),
    tasks: items.map((item, index) => ({
      id: `t${index + 1}`,
      title: item.title,
      kind: item.path === undefined ? 'Analysis' : 'File',
      instruction: clip(
        index === 0 && objection !== undefined
          ? `${item.instruction} Answer the critic too: ${objection}`
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

/** The critic's first objection, as this round heard it. */
function gravestObjection({ earlier }: TurnPurpose): string | undefined {
  const critic = earlier.find(({ seat }) => seat === 'critic')?.text ?? '';
  const lines = critic.split('\n').filter((line) => /^\s*[-*]\s+\S/.test(line));
  const found = lines.find((line) => line.includes('[blocker]')) ?? lines[0];
  return found === undefined ? undefined : clip(found.replace(/^\s*[-*]\s+/, '').trim(), 300);
}
