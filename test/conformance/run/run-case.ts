import type {
  Case,
  EventsStep,
  Json,
  KubectlStep,
  LinesStep,
  Outcome,
  RequestStep,
  ServerStep,
  Step,
  WatchStep,
} from '../case.ts';
import type { Engine, LineStream, RawAnswer } from '../engine/engine.ts';
import { makeNamespace } from '../engine/start-engines.ts';
import type { Kubectl, KubectlRun } from './kubectl.ts';
import { fill, fillBody, type Saved, valueAt } from './template.ts';

/** How long an event, a line, or an awaited state may take. */
const PATIENCE_MS = 15_000;

interface Running {
  engine: Engine;
  kubectl: Kubectl | undefined;
  saved: Saved;
  watches: Map<string, LineStream>;
}

function parseBody(answer: RawAnswer): Json {
  if (answer.text === '') return '';
  try {
    return JSON.parse(answer.text) as Json;
  } catch {
    return answer.text;
  }
}

async function send({ engine, saved }: Running, step: RequestStep): Promise<RawAnswer> {
  const headers = Object.fromEntries(
    Object.entries(step.headers ?? {}).map(([name, value]) => [name.toLowerCase(), fill(value, saved)]),
  );
  const text =
    step.text === undefined
      ? step.body === undefined
        ? undefined
        : JSON.stringify(fillBody(step.body, saved))
      : fill(step.text, saved);
  const type =
    text === undefined || headers['content-type'] !== undefined ? {} : { 'content-type': 'application/json' };
  const request = { method: step.method, path: fill(step.path, saved), headers: { ...type, ...headers } };
  return engine.http.send(text === undefined ? request : { ...request, text });
}

function isReached(until: NonNullable<RequestStep['until']>, answer: RawAnswer): boolean {
  if ('status' in until) return answer.status === until.status;
  const found = valueAt(parseBody(answer), until.at);
  return JSON.stringify(found ?? null) === JSON.stringify(until.is);
}

async function runRequest(running: Running, step: RequestStep): Promise<Outcome> {
  let answer = await send(running, step);
  const end = Date.now() + PATIENCE_MS;
  while (step.until && !isReached(step.until, answer) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    answer = await send(running, step);
  }
  const body = parseBody(answer);
  if (step.save) running.saved.answers.set(step.save, body);
  if (step.saveHeaders) running.saved.answers.set(step.saveHeaders, answer.headers);
  if (step.quiet) {
    const isLost = step.until ? !isReached(step.until, answer) : answer.status >= 400;
    if (isLost)
      throw new Error(`${running.engine.name}: ${step.method} ${step.path} answered ${answer.status} ${answer.text}`);
    return { kind: 'quiet' };
  }
  const warnings = (answer.headers['warning'] ?? '').split('\n').filter((line) => line !== '');
  const headers = Object.fromEntries(
    (step.compareHeaders ?? []).map((name) => [name, answer.headers[name] ?? '(absent)']),
  );
  return {
    kind: 'answer',
    status: answer.status,
    contentType: answer.headers['content-type'] ?? '',
    warnings,
    headers,
    body: step.withoutBody ? null : body,
  };
}

async function runWatch({ engine, saved, watches }: Running, step: WatchStep): Promise<Outcome> {
  watches.set(step.save, await engine.http.stream(fill(step.watch, saved), step.headers));
  return { kind: 'quiet' };
}

async function runEvents({ engine, watches }: Running, step: EventsStep): Promise<Outcome> {
  const stream = watches.get(step.events);
  if (!stream) throw new Error(`no watch is open as ${step.events}`);
  const events: Json[] = [];
  let ended = false;
  while (events.length < step.count) {
    const next = await stream.next(PATIENCE_MS);
    if (next === 'late')
      throw new Error(
        `${engine.name}: ${events.length} of ${step.count} events came as ${step.events}: ${JSON.stringify(events)}`,
      );
    if (next === 'ended') {
      ended = true;
      break;
    }
    if (next.line === '') continue;
    const event = JSON.parse(next.line) as Json;
    if (step.withBookmarks || valueAt(event, 'type') !== 'BOOKMARK') events.push(event);
  }
  stream.close();
  watches.delete(step.events);
  return { kind: 'events', events, ended };
}

async function runKubectl({ engine, kubectl, saved }: Running, step: KubectlStep | LinesStep): Promise<Outcome> {
  if (!kubectl) throw new Error('no kubectl');
  if ('lines' in step) return { kind: 'kubectl', ...(await kubectl.lines(step.lines, step.count, PATIENCE_MS)) };
  const args = step.kubectl.map((arg) => fill(arg, saved));
  const text = (content: Json) =>
    typeof content === 'string' ? fill(content, saved) : JSON.stringify(fillBody(content, saved));
  const run: KubectlRun = {
    args,
    folder: saved.ns,
    ...(step.stdin === undefined ? {} : { stdin: text(step.stdin) }),
    ...(step.editor === undefined ? {} : { editor: fill(step.editor, saved) }),
    files: Object.fromEntries(Object.entries(step.files ?? {}).map(([path, content]) => [path, text(content)])),
  };
  if (step.background) {
    kubectl.start(step.background, run);
    await kubectl.opened(step.background, PATIENCE_MS);
    return { kind: 'quiet' };
  }
  const result = await kubectl.run(run);
  if (!step.quiet) return { kind: 'kubectl', ...result };
  if (result.code !== 0) throw new Error(`${engine.name}: kubectl ${args.join(' ')}: ${result.stderr}`);
  return { kind: 'quiet' };
}

async function runServer({ engine }: Running, { server }: ServerStep): Promise<Outcome> {
  if (!engine.power) throw new Error(`${engine.name} cannot be stopped and started`);
  await engine.power[server]();
  return { kind: 'quiet' };
}

function runStep(running: Running, step: Step): Promise<Outcome> {
  if ('method' in step) return runRequest(running, step);
  if ('watch' in step) return runWatch(running, step);
  if ('events' in step) return runEvents(running, step);
  if ('server' in step) return runServer(running, step);
  return runKubectl(running, step);
}

/** Runs a case on one engine in a namespace that is new there. @returns one outcome for each step */
export async function runCase(
  engine: Engine,
  kubectl: Kubectl | undefined,
  { steps }: Case,
  ns: string,
): Promise<Outcome[]> {
  const running: Running = { engine, kubectl, saved: { ns, answers: new Map() }, watches: new Map() };
  await makeNamespace(engine, ns);
  const outcomes: Outcome[] = [];
  try {
    for (const step of steps) outcomes.push(await runStep(running, step));
  } finally {
    for (const stream of running.watches.values()) stream.close();
  }
  return outcomes;
}
