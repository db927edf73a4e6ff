import {
  type Assignment,
  artifactPath,
  type DebateAssignment,
  type JobKey,
  jobID,
  type Plan,
  type PlanTask,
  type TaskAssignment,
  type TaskStatus,
} from '@dark-carnival/crds';
import { digestOf } from '../../../runtime/digests.ts';
import type { ProviderFacts, Texts, ValidObjective, WagonFacts } from '../snapshot.ts';
import { withoutCapped } from './daily-cap.ts';
import type { Chains } from './provider-chains.ts';

type Body = Pick<Assignment, 'grant'> & { debate?: DebateAssignment; task?: TaskAssignment };

/** As many skills as an assignment carries. */
const MAX_SKILLS = 32;

export interface RoundParts {
  objective: ValidObjective;
  round: number;
  attempt: number;
  chains: Chains;
  /** Those whose daily cap is used up are left out of the chains. */
  providers: readonly ProviderFacts[];
  texts: Texts;
  grant: Assignment['grant'];
  wagon: WagonFacts;
  leaderEpoch: number;
  /** The attempt before was refused. */
  afresh?: boolean;
}

/** One round of the debate, as a pure function of what was resolved for it. */
export function roundAssignment(parts: RoundParts): Assignment {
  const { objective, round, attempt, chains, providers, texts, grant, wagon, leaderEpoch, afresh = false } = parts;
  const { spec } = objective;
  const visionary = withoutCapped(chains.visionary, providers);
  const critic = withoutCapped(chains.critic, providers);
  const tactician = withoutCapped(chains.tactician, providers);
  const resume = texts.resume?.attempt === attempt ? texts.resume.turns : [];
  const debate: DebateAssignment = {
    round,
    mode: spec.debate.mode,
    directive: spec.directive,
    seats: { visionary, critic, tactician },
    turnTimeoutSeconds: spec.debate.turnTimeoutSeconds,
    maxTasks: spec.execution.maxTasks,
    feedback: texts.feedback.map(({ text }) => text),
    history: texts.history.flatMap(({ turns }) => turns),
    resume: [...resume],
    context: [...texts.context],
    skills: skillsOn(wagon, objective),
  };
  const sealed = seal(objective, { kind: 'debate', part: String(round), attempt }, { grant, debate }, leaderEpoch);
  return afresh ? { ...sealed, afresh } : sealed;
}

export interface TaskParts {
  objective: ValidObjective;
  plan: Plan;
  planHash: string;
  task: PlanTask;
  attempt: number;
  /** Results of the tasks before it, from status. */
  tasks: readonly TaskStatus[];
  context: Texts['context'];
  grant: Assignment['grant'];
  wagon: WagonFacts;
  /** Those whose daily cap is used up are left out of the chain. */
  known: readonly ProviderFacts[];
  leaderEpoch: number;
  /** The attempt before was refused. */
  afresh?: boolean;
}

/** One task, cut from the stored plan and from nothing else. */
export function taskAssignment(parts: TaskParts): Assignment {
  const { objective, plan, task, wagon, leaderEpoch, grant } = parts;
  const { providers, model, maxTokens, taskTimeoutSeconds } = plan.execution;
  const body: TaskAssignment = {
    task,
    planHash: parts.planHash,
    directive: objective.spec.directive,
    planSummary: plan.summary,
    chain: withoutCapped({ providers, ...(model === undefined ? {} : { model }), maxTokens }, parts.known),
    timeoutSeconds: taskTimeoutSeconds,
    dependencies: task.dependsOn.flatMap((id) => dependency(id, parts.tasks)),
    context: [...parts.context],
    skills: skillsOn(wagon, objective),
  };
  const key = { kind: 'task', part: task.id, attempt: parts.attempt } as const;
  const sealed = seal(objective, key, { grant, task: body }, leaderEpoch);
  return parts.afresh === true ? { ...sealed, afresh: true } : sealed;
}

/** The file that a task may leave, as the wagon has to name it. */
export const artifactFile = (objectiveName: string, task: Pick<PlanTask, 'id' | 'path'>): string =>
  `${objectiveName}/${artifactPath(task)}`;

function dependency(id: string, tasks: readonly TaskStatus[]): TaskAssignment['dependencies'] {
  const done = tasks.find((task) => task.id === id);
  if (!done?.artifact) return [];
  return [{ id, title: done.title, file: done.artifact.file, sha256: done.artifact.sha256 }];
}

function skillsOn(wagon: WagonFacts, { spec }: ValidObjective): string[] {
  return [...new Set([...(spec.skills ?? []), ...wagon.skills])].slice(0, MAX_SKILLS);
}

function seal(
  { namespace, name, uid }: ValidObjective,
  key: Omit<JobKey, 'uid'>,
  body: Body,
  leaderEpoch: number,
): Assignment {
  const content = { objective: { namespace, name, uid }, ...body };
  return { id: jobID({ uid, ...key }), leaderEpoch, inputsDigest: digestOf(content), ...content };
}
