import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  type Assignment,
  type Heartbeat,
  type JobStatus,
  nodeIdToName,
  type WagonEventBody,
} from '@dark-carnival/crds';
import { honestResult, NO_USAGE } from './scripted-answers.ts';

/** How a wagon answers instead of the truth. `hang` takes the request and says nothing; `truncated` says half of it. */
export type Misbehaviour = 'html' | 'error500' | 'hang' | 'truncated' | 'empty' | 'full' | 'refuse' | 'stopping';

/** What comes of a job: its result, `run` to let it go on until `finish`, or an error of the script. */
export type Script = (assignment: Assignment) => Partial<JobStatus> | 'run';

interface Options {
  nodeID?: string;
  role?: string;
  token?: string;
  script?: Script;
  providers?: Heartbeat['providers'];
}

/**
 * A wagon that speaks the job protocol over real HTTP and does what its script says, at once: for tests of the controller. It can be made to lie, to answer
 * nonsense, to hang and to die.
 */
export class ScriptedWagon {
  readonly nodeID: string;
  readonly name: string;
  readonly role: string;
  token: string;
  script: Script;
  providers: Heartbeat['providers'];
  /** Applies to job routes only; heartbeats go on. */
  misbehaviour: Misbehaviour | undefined;
  /** Every assignment that came, in order, also repeated ones. */
  readonly puts: Assignment[] = [];
  readonly cancels: string[] = [];
  /** Every order to hold a job or to let it go on, in order. */
  readonly holds: { id: string; held: boolean }[] = [];
  /** How often it misbehaved. */
  refusals = 0;
  /** Provider grants as they came. */
  readonly grants: { providers: { name: string; apiKey?: string }[]; digest: string }[] = [];
  readonly jobs = new Map<string, { assignment: Assignment; status: JobStatus }>();
  readonly #streams = new Set<ServerResponse>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #seq = 0;
  #instance = 1;
  #beating: NodeJS.Timeout | undefined;

  constructor({ nodeID = 'LXC-CORE', role = 'CORE', token = 'scripted-token', script, providers }: Options = {}) {
    this.nodeID = nodeID;
    this.name = nodeIdToName(nodeID);
    this.role = role;
    this.token = token;
    this.script = script ?? ((assignment) => honestResult(assignment));
    this.providers = providers ?? [{ name: 'rehearsal', healthy: 'True' }];
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Listens; after `die` on the same port, with its jobs as in a journal. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Goes away at once, as a machine without power. */
  async die(): Promise<void> {
    clearInterval(this.#beating);
    this.#instance += 1;
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  /** Forgets every job, as a wagon whose disk was lost. */
  loseJournal(): void {
    this.jobs.clear();
  }

  /** Ends a job that runs. */
  finish(id: string, result?: Partial<JobStatus>): void {
    const held = this.jobs.get(id);
    if (!held) throw new Error(`no job ${id}`);
    held.status = { ...held.status, held: false, ...(result ?? honestResult(held.assignment)) };
    this.#tellState(held.assignment, held.status);
  }

  /** Says how far a job is. */
  progress(id: string, status: Partial<JobStatus>): void {
    const held = this.jobs.get(id);
    if (!held) throw new Error(`no job ${id}`);
    held.status = { ...held.status, ...status };
    const { objective, debate } = held.assignment;
    const seat = status.debate?.turns.at(-1)?.seat;
    if (debate && seat) {
      this.emit({
        type: 'turn-end',
        objective,
        jobID: id,
        round: debate.round,
        seat,
        outcome: 'Answered',
        tokens: 30,
        text: '',
      });
    }
  }

  /** The heartbeat that it would send now. */
  heartbeat(more: Partial<Heartbeat> = {}): Heartbeat {
    const last = this.grants.at(-1);
    return {
      nodeID: this.nodeID,
      role: this.role,
      address: this.url,
      instanceID: `instance-${this.#instance}`,
      version: '0.1.0',
      jobs: { running: [...this.jobs.values()].filter(({ status }) => status.state === 'Running').length, capacity: 2 },
      vault: { files: 0, bytes: 0 },
      providers: this.providers,
      ...(last ? { providersDigest: last.digest } : {}),
      ...more,
    };
  }

  /** Sends one heartbeat to a hub. @returns the status of the answer. */
  async beat(hubUrl: string): Promise<number> {
    const response = await fetch(`${hubUrl}/api/nodes/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify(this.heartbeat()),
    });
    await response.arrayBuffer();
    return response.status;
  }

  /** Sends heartbeats until it dies. */
  keepBeating(hubUrl: string, everyMs = 1_000): void {
    clearInterval(this.#beating);
    const beat = () => void this.beat(hubUrl).catch(() => {});
    beat();
    this.#beating = setInterval(beat, everyMs);
  }

  stopBeating(): void {
    clearInterval(this.#beating);
  }

  emit(body: WagonEventBody): void {
    this.#seq += 1;
    const event = { ...body, seq: this.#seq, at: new Date().toISOString() };
    for (const stream of this.#streams) stream.write(`id: ${this.#seq}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse) {
    const { pathname } = new URL(request.url ?? '/', this.url);
    const body = await readBody(request);
    if (pathname === '/healthz') return send(response, 200, { status: 'ok', instanceID: `instance-${this.#instance}` });
    if (request.headers.authorization !== `Bearer ${this.token}`) return refuse(response, 401, 'Unauthorized');
    if (pathname === '/api/events') return this.#stream(request, response);
    if (pathname === '/api/providers') {
      this.grants.push(JSON.parse(body));
      return send(response, 200, { digest: this.grants.at(-1)?.digest });
    }
    const [, id, hold] = /^\/api\/jobs\/([^/]+)(\/hold)?$/.exec(pathname) ?? [];
    if (id === undefined) return refuse(response, 404, 'NotFound');
    if (this.misbehaviour) return this.#misbehave(response, request.method ?? 'GET', this.misbehaviour);
    if (hold) return this.#hold(response, decodeURIComponent(id), JSON.parse(body) as { held: boolean });
    return this.#job(response, request.method ?? 'GET', { id: decodeURIComponent(id), body });
  }

  #job(response: ServerResponse, method: string, { id, body }: { id: string; body: string }) {
    if (method === 'PUT') return this.#put(response, JSON.parse(body) as Assignment);
    const held = this.jobs.get(id);
    if (method === 'DELETE') {
      this.cancels.push(id);
      if (!held) return refuse(response, 404, 'NotFound');
      if (held.status.state === 'Running') held.status = { ...held.status, state: 'Cancelled' };
      return send(response, 200, held.status);
    }
    return held ? send(response, 200, held.status) : refuse(response, 404, 'NotFound');
  }

  #hold(response: ServerResponse, id: string, { held }: { held: boolean }) {
    this.holds.push({ id, held });
    const job = this.jobs.get(id);
    if (!job) return refuse(response, 404, 'NotFound');
    if (job.status.state === 'Running') job.status = { ...job.status, held };
    return send(response, 200, job.status);
  }

  #put(response: ServerResponse, assignment: Assignment) {
    this.puts.push(assignment);
    const { id, inputsDigest } = assignment;
    const known = this.jobs.get(id);
    if (known) {
      if (known.status.inputsDigest === inputsDigest) return send(response, 200, known.status);
      return refuse(response, 409, 'InputsDiffer', { inputsDigest: known.status.inputsDigest });
    }
    const running: JobStatus = { id, inputsDigest, state: 'Running', usage: NO_USAGE };
    const held = { assignment, status: running };
    this.jobs.set(id, held);
    send(response, 201, running);
    const result = this.script(assignment);
    if (result === 'run') return;
    held.status = { ...running, ...result };
    this.#tellState(assignment, held.status);
  }

  #tellState({ id, objective }: Assignment, { state }: JobStatus): void {
    this.emit({ type: 'job-state', objective, jobID: id, state });
  }

  #misbehave(response: ServerResponse, method: string, how: Misbehaviour) {
    this.refusals += 1;
    switch (how) {
      case 'html':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>It works!</body></html>');
        return;
      case 'error500':
        response.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error');
        return;
      case 'truncated':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '4096' }).write('{"id":"');
        response.destroy();
        return;
      case 'empty':
        response.writeHead(200, { 'content-type': 'application/json' }).end();
        return;
      case 'full':
        if (method === 'PUT') return refuse(response, 429, 'Full', {}, { 'retry-after': '1' });
        return refuse(response, 404, 'NotFound');
      case 'refuse':
        return refuse(response, method === 'PUT' ? 422 : 404, method === 'PUT' ? 'InvalidAssignment' : 'NotFound');
      case 'stopping':
        return refuse(response, 503, 'Stopping');
      case 'hang':
        return;
    }
  }

  #stream(request: IncomingMessage, response: ServerResponse) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const hello = {
      type: 'hello',
      seq: this.#seq,
      at: new Date().toISOString(),
      epoch: `instance-${this.#instance}`,
      oldest: 1,
    };
    response.write(`data: ${JSON.stringify(hello)}\n\n`);
    this.#streams.add(response);
    request.on('close', () => this.#streams.delete(response));
  }
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  details: Record<string, string> = {},
  headers: Record<string, string> = {},
): void {
  send(response, status, { error: { code, message: `the script says ${code}`, ...details } }, headers);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
