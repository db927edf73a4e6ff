import { join } from 'node:path';
import { type Assignment, type JobStatus, jobStatusSchema, type WagonEventBody } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { onTestFinished } from 'vitest';
import type { HoldRound } from '../src/debate/round.ts';
import type { JobDeps } from '../src/jobs/job-context.ts';
import { JobService } from '../src/jobs/job-service.ts';
import { Journal } from '../src/journal/journal.ts';
import { noLease } from '../src/lease/lease.ts';
import { WaitingRoom } from '../src/lease/waiting-room.ts';
import type { ChainCallOptions } from '../src/providers/llm-factory.ts';
import type { Completion, CompletionRequest } from '../src/providers/provider.ts';
import { Vault } from '../src/vault/vault.ts';
import { aTaskAssignment } from './assignments.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A call that a test answers, lets fail, or leaves open. */
interface OpenCall {
  request: CompletionRequest;
  deadlineMs: number;
  mayTry: (() => boolean) | undefined;
  answer: (text: string) => void;
  fail: (error: Error) => void;
}

export class ScriptedFactory {
  readonly calls: OpenCall[] = [];
  /** Absent where no providers were granted since the start. */
  digest: string | undefined = 'granted';
  readonly holds = () => this.digest !== undefined;
  /** Answers at once with this, where it is set. */
  instant: string | undefined = 'An answer.';
  tokens = 100;

  reservation(): { tokens: number } {
    return { tokens: this.tokens };
  }

  complete(_chain: unknown, request: CompletionRequest, options: ChainCallOptions): Promise<Completion> {
    const { signal, onStart, deadlineMs, mayTry } = options;
    onStart?.({ provider: 'kimi', model: 'kimi-k2.6' });
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      this.calls.push({ request, deadlineMs, mayTry, answer: (text) => resolve(completion(text)), fail: reject });
      if (this.instant !== undefined) resolve(completion(this.instant));
    });
  }
}

export function completion(text: string): Completion {
  return {
    text,
    provider: 'kimi',
    model: 'kimi-k2.6',
    finishReason: 'stop',
    usageEstimated: false,
    rehearsal: false,
    inputTokens: 20,
    outputTokens: 10,
    spent: { inputTokens: 20, outputTokens: 10, calls: 1 },
  };
}

/** Two turns, each asked for once, then a plan. */
const shortRound: HoldRound = async ({ round, resume }, { ask, onTurn, emit }) => {
  const turns = [...resume];
  for (const seat of ['visionary', 'critic'] as const) {
    if (turns.some((turn) => turn.seat === seat)) continue;
    emit({ type: 'turn-start', round, seat, provider: 'kimi', model: 'kimi-k2.6' });
    const chain = { providers: ['kimi'], maxTokens: 50 };
    const request: CompletionRequest = {
      system: seat,
      messages: [{ role: 'user', content: 'go' }],
      maxTokens: 50,
      purpose: { kind: 'turn', seat, round, directive: 'd', feedback: [], maxTasks: 1, earlier: [] },
    };
    const { text } = await ask({
      key: `r${round}.${seat}`,
      chain,
      request,
      deadlineMs: 1000,
      onDelta: () => undefined,
      onStart: () => undefined,
    });
    const sha256 = `sha256:${'a'.repeat(64)}`;
    const turn = {
      round,
      seat,
      outcome: 'Answered' as const,
      provider: 'kimi',
      text,
      sha256,
      inputTokens: 20,
      outputTokens: 10,
    };
    turns.push(turn);
    await onTurn?.(turn);
    emit({ type: 'turn-end', round, seat, outcome: 'Answered', tokens: 30, text });
  }
  const { task } = aTaskAssignment();
  if (task === undefined) throw new Error('no task');
  return { turns, plan: { summary: 'One file.', tasks: [task.task] }, dissent: [], repairs: [] };
};

interface Given extends Partial<JobDeps> {
  folder?: string;
  capacity?: number;
}

/** A job service on a real journal and vault, with a provider that the test plays; all of it ends with the test. */
export async function aService({ folder: given, capacity = 2, ...deps }: Given = {}) {
  const folder = given ?? (await temporaryFolder());
  const journal = Journal.open(folder);
  let count = 0;
  const unique = () => {
    count += 1;
    return `u${count}`;
  };
  const vault = await Vault.open(join(folder, 'vault'), 'default', { clock: systemClock, unique });
  const factory = new ScriptedFactory();
  const granted = new WaitingRoom(deps.clock ?? systemClock);
  const events: WagonEventBody[] = [];
  const said: string[] = [];
  const service = new JobService(
    {
      journal,
      vault,
      factory,
      granted,
      lease: noLease,
      holdRound: shortRound,
      clock: systemClock,
      emit: (event) => events.push(event),
      say: (_level, message) => said.push(message),
      scrub: (text) => text.replaceAll('sk-secret', '***'),
      onCall: () => undefined,
      ...deps,
    },
    { capacity, onSlots: () => undefined },
  );
  let isOpen = true;
  /** The process dies: nothing of it acts any more, and the file is free. */
  const die = () => {
    if (isOpen) journal.close();
    isOpen = false;
  };
  onTestFinished(() => {
    // A job that a test left open waits for nothing more; the clock of a test stands still, so its end is not waited for.
    void service.stop(0);
    die();
  });
  return { service, factory, granted, journal, vault, events, said, folder, die };
}

/** The status of a job once it has one that is final. */
export async function ended({ service }: { service: JobService }, { id }: Assignment): Promise<JobStatus> {
  return until(() => {
    const status = service.status(id);
    return status?.finishedAt === undefined ? undefined : jobStatusSchema.parse(status);
  });
}

/** What `look` finds, looked for until it is there. */
export async function until<Value>(look: () => Value | undefined): Promise<Value> {
  for (let turns = 0; turns < 2000; turns += 1) {
    const value = look();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error('it never came');
}

/** Only the decision of a put. */
export const put = (service: JobService, assignment: Assignment) => service.put(assignment).decision;
