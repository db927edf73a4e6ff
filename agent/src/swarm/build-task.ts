import {
  artifactPath,
  INSTALLED_TASK_KINDS,
  type PassedOver,
  type TaskAssignment,
  unsafePathReason,
} from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { Ask } from '../debate/round.ts';
import type { Completion, CompletionRequest } from '../providers/provider.ts';
import { rejectionReason } from './acceptance.ts';
import { contentOf, isProse } from './file-content.ts';
import { TaskFailed } from './task-failed.ts';
import { askAgain, type DependencyText, taskRequest } from './task-prompt.ts';

/** What a task came to, before it is stored. */
export interface BuiltTask {
  /** Path inside the Objective's folder. */
  path: string;
  content: string;
  provider: string;
  model: string;
  rehearsal: boolean;
  /** Who of the chain did not answer before this provider did. */
  passedOver?: PassedOver;
  /** Tokens of all answers that led here. */
  usage: { inputTokens: number; outputTokens: number };
  /** What a person should know of a result that counts all the same. */
  note?: string;
}

export interface BuildDeps {
  ask: Ask;
  clock: Clock;
  /** The text of a file that an earlier task left, or why it is not to be had. */
  readDependency: (dependency: TaskAssignment['dependencies'][number]) => Promise<DependencyText>;
}

/**
 * Does one task: asks, takes the file out of the answer, checks it, and asks once more where it does not pass.
 * @throws TaskFailed; what `ask` throws passes.
 */
export async function buildTask(assignment: TaskAssignment, deps: BuildDeps): Promise<BuiltTask> {
  const path = checkedPath(assignment.task);
  const dependencies = await Promise.all(assignment.dependencies.map(deps.readDependency));
  const request = taskRequest(assignment, dependencies);
  const stopwatch = new Stopwatch(deps.clock, assignment.timeoutSeconds * 1000);
  const first = await askStep('task.1', request, assignment, deps, stopwatch);
  const verdict = judge(first, assignment, path);
  if (verdict.accepted) return built(path, verdict.content, [first]);
  const again = askAgain(request, first.text, verdict.reason, verdict.cutOff);
  const second = await askStep('task.2', again, assignment, deps, stopwatch);
  const last = judge(second, assignment, path);
  if (last.accepted) return built(path, last.content, [first, second]);
  if (last.cutOff && last.usable) {
    const note = `the answer reached its limit of ${assignment.chain.maxTokens} tokens twice, so the file ends early`;
    return { ...built(path, last.content, [first, second]), note };
  }
  const reason = last.cutOff ? 'AnswerUnusable' : 'NotAccepted';
  throw new TaskFailed(reason, `the result was not accepted, twice: ${last.reason}`);
}

/** The plan was checked before it was approved; a wagon checks once more what it is about to do. */
function checkedPath(task: TaskAssignment['task']): string {
  if (!INSTALLED_TASK_KINDS.includes(task.kind))
    throw new TaskFailed('Internal', `tasks of kind ${task.kind} are not installed on this wagon`);
  const path = artifactPath(task);
  const fault = unsafePathReason(path);
  if (fault !== undefined) throw new TaskFailed('VaultUnwritable', `the path ${JSON.stringify(path)} ${fault}`);
  return path;
}

async function askStep(
  key: string,
  request: CompletionRequest,
  { chain, timeoutSeconds }: TaskAssignment,
  { ask }: BuildDeps,
  stopwatch: Stopwatch,
): Promise<Completion> {
  if (stopwatch.remainingMs <= 0) throw new TaskFailed('Timeout', `the task took longer than ${timeoutSeconds} s`);
  const deadlineMs = stopwatch.remainingMs;
  try {
    return await ask({ key, chain, request, deadlineMs, onDelta: () => undefined, onStart: () => stopwatch.start() });
  } finally {
    stopwatch.stop();
  }
}

type Verdict =
  | { accepted: true; content: string }
  | { accepted: false; reason: string; cutOff: boolean; usable: boolean; content: string };

function judge({ text, finishReason }: Completion, { task, chain }: TaskAssignment, path: string): Verdict {
  if (finishReason === 'refusal' || finishReason === 'filter')
    throw new TaskFailed('AnswerUnusable', `the model withheld the answer (${finishReason})`);
  const content = contentOf(text, path);
  const reason = rejectionReason(task.acceptance, content);
  if (finishReason === 'length') {
    const cut = `it was cut off at ${chain.maxTokens} tokens: make it shorter, and finish it`;
    // Half a program is none; half a document is worth keeping, if it is said that it is half.
    return { accepted: false, reason: cut, cutOff: true, usable: reason === undefined && isProse(path), content };
  }
  if (reason !== undefined) return { accepted: false, reason, cutOff: false, usable: false, content };
  return { accepted: true, content };
}

function built(path: string, content: string, answers: Completion[]): BuiltTask {
  const last = answers.at(-1);
  if (last === undefined) throw new Error('a task is built of one answer or more');
  const usage = { inputTokens: 0, outputTokens: 0 };
  for (const { spent } of answers) {
    usage.inputTokens += spent.inputTokens;
    usage.outputTokens += spent.outputTokens;
  }
  const { provider, model, rehearsal, passedOver } = last;
  return { path, content, provider, model, rehearsal, usage, ...(passedOver === undefined ? {} : { passedOver }) };
}

/** Time spent in calls. Waiting for the ringmaster's leave is not work, and does not count against the task. */
class Stopwatch {
  readonly #clock: Clock;
  readonly #limitMs: number;
  #spentMs = 0;
  #startedAt: number | undefined;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  get remainingMs(): number {
    return Math.max(0, this.#limitMs - this.#spentMs);
  }

  start(): void {
    this.#startedAt ??= this.#clock.monotonic();
  }

  stop(): void {
    if (this.#startedAt !== undefined) this.#spentMs += this.#clock.monotonic() - this.#startedAt;
    this.#startedAt = undefined;
  }
}
