import { createHash } from 'node:crypto';
import {
  type Assignment,
  assignmentSchema,
  canonicalJson,
  jobID,
  type ObjectiveRef,
  type PlanTask,
  type TaskAssignment,
} from '@dark-carnival/crds';
import { aPlanTask } from '@dark-carnival/crds/testing';

/** Builders for tests: assignments as the controller sends them, with what the test is about set by name. */

export const UID = '6a1f0c8e-0000-4000-8000-000000000001';
export const OBJECTIVE: ObjectiveRef = { namespace: 'default', name: 'tide-chart', uid: UID };

type DebatePart = NonNullable<Assignment['debate']>;

interface Parts {
  objective?: ObjectiveRef;
  attempt?: number;
  leaderEpoch?: number;
  grant?: Assignment['grant'];
}

/** A first round, with what it is about set by name. */
export function aRound(given: Partial<DebatePart> = {}): DebatePart {
  const chain = { providers: ['rehearsal'], maxTokens: 2000 };
  return {
    round: 1,
    mode: 'Debate',
    directive: 'Plan a tide chart for a small harbour',
    seats: { visionary: chain, critic: chain, tactician: chain },
    turnTimeoutSeconds: 60,
    maxTasks: 5,
    feedback: [],
    history: [],
    resume: [],
    context: [],
    skills: [],
    ...given,
  };
}

export function aDebateAssignment({ debate, ...parts }: Parts & { debate?: Partial<DebatePart> } = {}): Assignment {
  const body = aRound(debate);
  return assignment({ kind: 'debate', part: String(body.round) }, { debate: body }, parts);
}

export function aTaskAssignment({
  task,
  ...parts
}: Parts & { task?: Partial<Omit<TaskAssignment, 'task'>> & { task?: Partial<PlanTask> } } = {}): Assignment {
  const body: TaskAssignment = {
    planHash: `sha256:${'0'.repeat(64)}`,
    directive: 'Plan a tide chart for a small harbour',
    planSummary: 'A chart in one file.',
    chain: { providers: ['rehearsal'], maxTokens: 2000 },
    timeoutSeconds: 60,
    dependencies: [],
    context: [],
    skills: [],
    ...task,
    task: aPlanTask(task?.task),
  };
  return assignment({ kind: 'task', part: body.task.id }, { task: body }, parts);
}

function assignment(
  { kind, part }: { kind: 'debate' | 'task'; part: string },
  work: Pick<Assignment, 'debate' | 'task'>,
  { objective = OBJECTIVE, attempt = 1, leaderEpoch = 1, grant = {} }: Parts,
): Assignment {
  const inputs = { objective, grant, ...work };
  const inputsDigest = `sha256:${createHash('sha256').update(canonicalJson(inputs)).digest('hex')}`;
  return assignmentSchema.parse({
    id: jobID({ uid: objective.uid, kind, part, attempt }),
    leaderEpoch,
    inputsDigest,
    ...inputs,
  });
}
