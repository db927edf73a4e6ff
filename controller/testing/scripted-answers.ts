import {
  type Assignment,
  artifactPath,
  type Dissent,
  type JobStatus,
  type PlanProposal,
  SEATS,
  type Turn,
  type Usage,
} from '@dark-carnival/crds';
import { sha256 } from '../src/runtime/digests.ts';

export const SOME_USAGE: Usage = { inputTokens: 70, outputTokens: 30, totalTokens: 100, calls: 1, unsettled: 0 };
export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, totalTokens: 0, calls: 0, unsettled: 0 };

/** A plan of two tasks, the second of which needs the first. */
export const TWO_TASKS: PlanProposal = {
  summary: 'Two files, one after the other.',
  tasks: ['t1', 't2'].map((id, index) => ({
    id,
    title: `Task ${index + 1}`,
    kind: 'File' as const,
    instruction: `Do the ${index + 1}. thing.`,
    path: `${id}.md`,
    acceptance: { type: 'NonEmpty' as const },
    risk: 'Low' as const,
    dependsOn: index === 0 ? [] : ['t1'],
  })),
};

/** What the critic of an honest wagon objects. */
export const NO_TESTS: Dissent = {
  id: 'o1',
  severity: 'Major',
  claim: 'It has no tests.',
  response: 'Rejected',
  reason: 'There is no code.',
};
/** The same as a status shows it. */
export const NO_TESTS_LINE = '[Major, Rejected] It has no tests. (There is no code.)';

/** The plan of a later round: a debate that brings the same plan again ends. */
const ofRound = (plan: unknown, round: number): unknown =>
  plan === TWO_TASKS && round > 1
    ? {
        ...TWO_TASKS,
        summary: `What round ${round} makes of it.`,
        tasks: TWO_TASKS.tasks.map((task) => ({
          ...task,
          instruction: `Round ${round} says: ${task.title}, ${round} times.`,
        })),
      }
    : plan;

/** One turn, with the hash that it should have. */
export function aTurn(seat: Turn['seat'], round: number, text = `${seat} of round ${round}`): Turn {
  return {
    round,
    seat,
    outcome: 'Answered',
    provider: 'rehearsal',
    model: 'script',
    text,
    sha256: sha256(text),
    inputTokens: 20,
    outputTokens: 10,
  };
}

/** What an honest wagon says about a job that it has just finished. */
export function honestResult(assignment: Assignment, plan: unknown = TWO_TASKS): Partial<JobStatus> {
  const { debate, task, objective } = assignment;
  if (debate) {
    const seats = debate.mode === 'Single' ? (['tactician'] as const) : SEATS;
    const turns = seats.map((seat) => debate.resume.find((turn) => turn.seat === seat) ?? aTurn(seat, debate.round));
    return {
      state: 'Succeeded',
      usage: SOME_USAGE,
      debate: {
        turns,
        plan: ofRound(plan, debate.round) as PlanProposal,
        ...(debate.mode === 'Single' ? { dissent: [] } : { verdict: 'Reject', dissent: [NO_TESTS] }),
      },
    };
  }
  if (!task) return { state: 'Failed', reason: 'Internal', usage: NO_USAGE };
  const text = `# ${task.task.title}\n`;
  const file = `${objective.name}/${artifactPath(task.task)}`;
  const artifact = { file, sha256: sha256(text), bytes: Buffer.byteLength(text) };
  return { state: 'Succeeded', usage: SOME_USAGE, task: { provider: 'rehearsal', model: 'script', artifact } };
}
