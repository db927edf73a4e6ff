import type { ApprovalRequest, Objective } from '@dark-carnival/crds';
import { sleep } from '@dark-carnival/crds/clock';
import { consumedWords, safeLine } from '@dark-carnival/crds/text';
import { ApiError } from '@dark-carnival/kube';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { DONE, decide } from '../objective/decide.ts';
import { getObjective } from '../objective/get-objective.ts';
import { ObjectiveWatch } from '../objective/objective-watch.ts';
import { hasEnded, reasonOf } from '../objective/standing.ts';
import { loadPlan } from '../plan/plan-document.ts';
import { planView } from '../plan/plan-view.ts';
import type { CliDeps, Session } from '../session/session.ts';
import { askDecision } from './ask-decision.ts';
import { LiveDebate } from './live-debate.ts';
import { followLiveEvents } from './live-events.ts';
import { carnival, commandLines, decisionCommands, retryLine } from './next-commands.ts';
import { filesOf, taskLines } from './task-lines.ts';

/** How long the last words of a debate may lag behind the status that says it is over. */
const LIVE_LAG_MS = 1_500;

/**
 * Follows an Objective from where it stands to its end: shows the debate, the plan, asks where there is somebody to ask, and says where the files
 * are. Ends early, leaving the Objective as it is, at Ctrl-C and where a decision is due and nobody can be asked.
 */
export async function followRun(session: Session, deps: CliDeps, objective: Objective): Promise<ExitCode> {
  const run = new FollowedRun(session, deps, objective);
  try {
    return await run.toTheEnd();
  } finally {
    await run.close();
  }
}

class FollowedRun {
  readonly #session: Session;
  readonly #deps: CliDeps;
  readonly #watch: ObjectiveWatch;
  readonly #debate: LiveDebate;
  readonly #live = new AbortController();
  #seen: Objective;
  #answered: string | undefined;

  constructor(session: Session, deps: CliDeps, objective: Objective) {
    this.#session = session;
    this.#deps = deps;
    this.#seen = objective;
    this.#answered = objective.spec?.intervention?.requestID;
    this.#debate = new LiveDebate(deps.terminal);
    this.#debate.skip(objective.status?.debate?.turns ?? []);
    this.#watch = new ObjectiveWatch({
      session,
      objective,
      onConnection: (state) =>
        this.#note(
          state === 'away' ? 'the API server does not answer; waiting for it' : 'the API server answers again',
        ),
    });
  }

  async toTheEnd(): Promise<ExitCode> {
    const { interrupted } = this.#deps;
    const stopped = new Promise<void>((resolve) =>
      interrupted.addEventListener('abort', () => resolve(), { once: true }),
    );
    this.#listen();
    this.#watch.start();
    while (!interrupted.aborted) {
      const changed = this.#watch.changed();
      const outcome = await this.#look();
      if (outcome !== undefined) return outcome;
      await Promise.race([changed, stopped]);
    }
    return this.#leave();
  }

  async close(): Promise<void> {
    this.#live.abort();
    await this.#watch.stop();
  }

  /** Takes in how the Objective stands now. @returns the exit code once there is nothing more to follow. */
  async #look(): Promise<ExitCode | undefined> {
    const now = this.#watch.current;
    if (!now) {
      this.#out(`${this.#seen.metadata.name} was deleted`);
      return EXIT.error;
    }
    this.#tell(this.#seen, now);
    this.#seen = now;
    const request = now.status?.approvalRequest;
    if (request && request.id !== this.#answered && !isAnswered(now, request)) return this.#gate(now, request);
    if (!hasEnded(now)) return undefined;
    await this.#catchUp(now);
    this.#summary(now);
    return exitCodeOf(now.status?.phase);
  }

  #tell(before: Objective, after: Objective): void {
    const { paint } = this.#deps.terminal;
    const { queue, phase, wagonName } = after.status ?? {};
    if (queue && queue.reason !== before.status?.queue?.reason) this.#out(`waits: ${reasonOf(after) ?? queue.reason}`);
    if (phase === 'Debating' && before.status?.phase !== 'Debating')
      this.#out(paint.dim(`debating on ${wagonName ?? '?'}`));
    if (phase === 'Executing' && before.status?.phase !== 'Executing') {
      const by = after.status?.decisions?.at(-1)?.decidedBy ?? '';
      this.#out(`\n${paint.bold('Executing')}${by === '' ? '' : ` (approved by ${safeLine(by, 80)})`}`);
    }
    for (const line of taskLines(before.status?.tasks ?? [], after.status?.tasks ?? [], paint)) this.#out(line);
  }

  async #gate(objective: Objective, request: ApprovalRequest): Promise<ExitCode | undefined> {
    const { terminal } = this.#deps;
    await this.#catchUp(objective);
    const document = await loadPlan(this.#session, objective);
    if (this.#deps.interrupted.aborted) return undefined;
    this.#out(`\n${planView(document, objective, terminal)}`);
    if (!terminal.ask) {
      this.#out(`\n${objective.metadata.name} waits for a person:\n${decisionCommands(this.#session, objective)}`);
      return EXIT.waits;
    }
    const withdrawn = new AbortController();
    const watching = this.#withdraw(request, withdrawn);
    const verdict = await askDecision(terminal.ask, request, terminal, withdrawn.signal);
    const elsewhere = withdrawn.signal.aborted;
    withdrawn.abort();
    await watching;
    if (verdict) return this.#decide(request, verdict);
    if (elsewhere && !this.#deps.interrupted.aborted) {
      this.#answered = request.id;
      this.#out(`\n${answerOf(this.#watch.current, request)}`);
      return undefined;
    }
    // End of input: nobody is there any more.
    return this.#deps.interrupted.aborted ? undefined : this.#leave(EXIT.waits);
  }

  /** Takes the question back when somebody else has answered it, or Ctrl-C was pressed. */
  async #withdraw(request: ApprovalRequest, withdrawn: AbortController): Promise<void> {
    const { interrupted } = this.#deps;
    const over = new Promise<void>((resolve) => withdrawn.signal.addEventListener('abort', () => resolve()));
    interrupted.addEventListener('abort', () => withdrawn.abort(), { signal: withdrawn.signal });
    while (!withdrawn.signal.aborted) {
      const changed = this.#watch.changed();
      if (this.#watch.current?.status?.approvalRequest?.id !== request.id) withdrawn.abort();
      await Promise.race([changed, over]);
    }
  }

  async #decide(request: ApprovalRequest, verdict: Parameters<typeof decide>[3]): Promise<undefined> {
    const { terminal } = this.#deps;
    this.#answered = request.id;
    try {
      // Fresh, with the owners of its fields: the watch keeps those out of memory.
      const fresh = await getObjective(this.#session, this.#seen.metadata.name);
      await decide(this.#session, fresh, request, verdict, terminal);
      this.#out(`${DONE[verdict.decision]} in ${this.#session.place}`);
    } catch (error) {
      // Somebody was faster: their decision is followed, not ours.
      if (!(error instanceof ApiError && error.isInvalid)) throw error;
      this.#out(safeLine(error.message));
    }
    return undefined;
  }

  /** Lets the live view finish what the status already knows, and fills in what it missed. */
  async #catchUp({ status }: Objective): Promise<void> {
    const turns = status?.debate?.turns ?? [];
    const { clock, interrupted } = this.#deps;
    const until = clock.monotonic() + LIVE_LAG_MS;
    while (!this.#debate.hasAll(turns) && clock.monotonic() < until) {
      if (!(await sleep(clock, 50, interrupted))) break;
    }
    this.#debate.fillIn(turns);
  }

  #summary(objective: Objective): void {
    const { metadata, status } = objective;
    const { paint } = this.#deps.terminal;
    const phase = status?.phase ?? '';
    const coloured = phase === 'Completed' ? paint.green(phase) : paint.red(phase);
    const { totalTokens: tokens = 0, estimatedTokens, costUSD } = status?.usage ?? {};
    this.#out(
      `\n${paint.bold(coloured)}: ${status?.taskSummary ?? '0/0'} tasks, ${consumedWords({ tokens, estimatedTokens, costUSD })}`,
    );
    if (phase !== 'Completed') this.#out(`  ${reasonOf(objective) ?? 'no reason given'}`);
    const files = filesOf(objective);
    if (files.length > 0) this.#out('files in the vault:');
    for (const { node, file } of files) this.#out(`  ${carnival(this.#session, 'vault', 'cat', `${node}/${file}`)}`);
    if (phase !== 'Failed' && phase !== 'Expired') return;
    const retry = retryLine(this.#session, objective);
    this.#out(
      commandLines([
        ['look', carnival(this.#session, 'status', metadata.name)],
        ['try again', retry],
      ]),
    );
  }

  #leave(code: ExitCode = EXIT.interrupted): ExitCode {
    const { name } = this.#seen.metadata;
    const { phase } = this.#watch.current?.status ?? {};
    const how = phase === 'AwaitingHuman' ? 'waits for a decision' : 'goes on without you';
    this.#out(`\n${name} ${how}; nothing was changed`);
    this.#out(
      commandLines([
        ['look', carnival(this.#session, 'status', name)],
        ['stop it', carnival(this.#session, 'abort', name)],
      ]),
    );
    return code;
  }

  #listen(): void {
    const { clock, random, interrupted } = this.#deps;
    const signal = AbortSignal.any([this.#live.signal, interrupted]);
    try {
      const hub = this.#session.hub();
      const objective = this.#seen.metadata.name;
      void followLiveEvents({
        hub,
        objective,
        clock,
        random,
        signal,
        onEvent: (event) => this.#debate.hear(event),
        onAway: (error) => this.#note(`no live view now (${error instanceof Error ? safeLine(error.message) : error})`),
      });
    } catch (error) {
      this.#note(`no live view: ${error instanceof Error ? safeLine(error.message) : error}`);
    }
  }

  #out(line: string): void {
    this.#debate.closeLine();
    this.#deps.terminal.out(line);
  }

  #note(line: string): void {
    this.#debate.closeLine();
    this.#deps.terminal.note(line);
  }
}

/** A decision is written, and the controller has not taken it in yet. */
function isAnswered({ spec }: Objective, request: ApprovalRequest): boolean {
  return spec?.intervention?.requestID === request.id;
}

function answerOf(objective: Objective | undefined, request: ApprovalRequest): string {
  const decision = objective?.status?.decisions?.find(({ requestID }) => requestID === request.id);
  return decision
    ? `answered elsewhere: ${decision.decision} by ${safeLine(decision.decidedBy, 80)}`
    : 'the question was withdrawn';
}
