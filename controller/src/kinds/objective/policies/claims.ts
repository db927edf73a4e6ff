import { checkPlan, type PlanProposal, type PlanTask, SEATS, type TaskStatus, type Turn } from '@dark-carnival/crds';
import type { JobReport } from '../../../ports/wagon-client.ts';
import { sha256 } from '../../../runtime/digests.ts';
import { artifactFile } from './assignments.ts';
import type { Claim } from './claim.ts';
import { oneLine } from './plain-text.ts';
import { type Criticism, judgeDissent } from './round-dissent.ts';

export interface RoundClaim {
  turns: Turn[];
  proposal: PlanProposal;
  criticism: Criticism;
}

/** Judges a finished round: its turns, their hashes, and the plan by the same rules that the wagon had to keep. */
export function judgeRound(job: JobReport, asked: { round: number; maxTasks: number }): Claim<RoundClaim> {
  const turns = judgeTurns(job, asked.round);
  if (turns.outcome === 'refused') return turns;
  if (!turns.value.some(({ seat, outcome }) => seat === 'tactician' && outcome === 'Answered')) {
    return refused('the round ended without an answer of the tactician');
  }
  const check = checkPlan(job.debate?.plan, { maxTasks: asked.maxTasks });
  if (!check.ok) {
    const [first] = check.issues;
    return refused(`the plan is not valid: ${first ? `${first.path}: ${first.message}` : 'unknown issue'}`);
  }
  const criticism = judgeDissent(job, turns.value);
  if (criticism.outcome === 'refused') return criticism;
  return { outcome: 'believed', value: { turns: turns.value, proposal: check.plan, criticism: criticism.value } };
}

/** Judges the turns of a round that may still run. */
export function judgeTurns(job: JobReport, round: number): Claim<Turn[]> {
  const turns = job.debate?.turns ?? [];
  let place = -1;
  for (const turn of turns) {
    if (turn.round !== round) return refused(`a turn claims round ${turn.round} instead of ${round}`);
    const next = SEATS.indexOf(turn.seat);
    if (next <= place) return refused(`the ${turn.seat} spoke twice or out of turn`);
    place = next;
    if (sha256(turn.text) !== turn.sha256) return refused(`the ${turn.seat}'s text does not hash to what is claimed`);
  }
  return { outcome: 'believed', value: turns };
}

/** Judges a finished task: its file is the one that the plan names, and is not empty. */
export function judgeTask(
  job: JobReport,
  asked: { objectiveName: string; task: PlanTask; wagonName: string },
): Claim<NonNullable<TaskStatus['artifact']>> {
  const artifact = job.task?.artifact;
  if (!artifact) return refused('the task ended without a file');
  const expected = artifactFile(asked.objectiveName, asked.task);
  if (artifact.file !== expected)
    return refused(`it left ${oneLine(JSON.stringify(artifact.file), 60)} instead of ${expected}`);
  if (artifact.bytes === 0) return refused('it left an empty file');
  return { outcome: 'believed', value: { wagonName: asked.wagonName, ...artifact, state: 'Available' } };
}

const refused = (message: string): { outcome: 'refused'; message: string } => ({ outcome: 'refused', message });
