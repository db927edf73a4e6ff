import type { SQLOutputValue } from 'node:sqlite';
import type { Assignment, JobState, JobStatus, ObjectiveRef, Turn } from '@dark-carnival/crds';

/** A job as the journal holds it. */
export interface JobRecord {
  id: string;
  inputsDigest: string;
  /** Over the assignment's whole body, so that one inputsDigest never stands for two bodies. */
  bodyDigest: string;
  objective: ObjectiveRef;
  /** Absent once the job has ended: it is not needed any more, and large. */
  assignment?: Assignment;
  state: JobState;
  reason?: string;
  message?: string;
  acceptedAt: string;
  startedAt?: string;
  finishedAt?: string;
  /** Since when no call of it may begin. */
  heldAt?: string;
  /** Turns of a debate that are finished, in order. */
  turns: Turn[];
  output?: JobOutput;
}

/** What a job came to: the members of its status that depend on its kind. */
export type JobOutput = Pick<JobStatus, 'debate' | 'task'>;

/** How a job ended. */
export interface JobEnding {
  state: Extract<JobState, 'Succeeded' | 'Failed' | 'Cancelled'>;
  reason?: string;
  message?: string;
  output?: JobOutput;
}

type Row = Record<string, SQLOutputValue>;

/** The journal is written by this process alone, through typed values: its JSON is trusted. */
export function toJobRecord(row: Row): JobRecord {
  return {
    id: String(row.id),
    inputsDigest: String(row.inputs_digest),
    bodyDigest: String(row.body_digest),
    objective: fromJson(row.objective),
    state: String(row.state) as JobState,
    acceptedAt: String(row.accepted_at),
    turns: fromJson(row.turns),
    ...(row.assignment === null ? {} : { assignment: fromJson<Assignment>(row.assignment) }),
    ...(row.output === null ? {} : { output: fromJson<JobOutput>(row.output) }),
    ...textMember('reason', row.reason),
    ...textMember('message', row.message),
    ...textMember('startedAt', row.started_at),
    ...textMember('finishedAt', row.finished_at),
    ...textMember('heldAt', row.held_at),
  };
}

function fromJson<Value>(value: SQLOutputValue | undefined): Value {
  return JSON.parse(String(value)) as Value;
}

function textMember<Name extends string>(name: Name, value: SQLOutputValue | undefined): Partial<Record<Name, string>> {
  return typeof value === 'string' ? ({ [name]: value } as Partial<Record<Name, string>>) : {};
}
