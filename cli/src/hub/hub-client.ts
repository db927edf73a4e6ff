import {
  type BroadcastAnswer,
  type BroadcastRequest,
  broadcastAnswerSchema,
  type CreatedJoinToken,
  createdJoinTokenSchema,
  errorBodySchema,
  type HubVaultList,
  hubVaultListSchema,
  type JoinTokenRequest,
  type JoinTokenView,
  joinTokenViewSchema,
  type LoginTicket,
  loginTicketSchema,
  type NodeView,
  nodeViewSchema,
  type Transcript,
  transcriptSchema,
} from '@dark-carnival/crds';
import type { CredentialSource } from '@dark-carnival/kube';
import { PinMismatch } from '@dark-carnival/tls';
import { z } from 'zod';
import { HubNotPinned, HubRefusal, HubUnreachable } from './hub-error.ts';
import { parseSse, type SseMessage } from './sse.ts';

export interface HubClientOptions {
  /** Base URL without a trailing slash. */
  url: string;
  namespace: string;
  /** The kubeconfig's: the hub checks its token with the API server. */
  credentials: CredentialSource;
  /** Replaces the global one: for a hub whose certificate is pinned. */
  fetch?: typeof fetch;
}

const TIMEOUT_MS = 30_000;
const nodesSchema = z.array(nodeViewSchema);
const joinTokensSchema = z.array(joinTokenViewSchema);

type Query = Readonly<Record<string, string | undefined>>;

interface Request {
  method?: 'GET' | 'POST' | 'DELETE';
  query?: Query;
  signal?: AbortSignal;
  accept?: string;
  /** Sent as JSON. */
  body?: object;
}

/**
 * The hub's routes that the command line uses. Each throws HubRefusal when the hub says no, HubUnreachable when it says nothing or something
 * strange.
 */
export class HubClient {
  readonly url: string;
  readonly #options: HubClientOptions;

  constructor(options: HubClientOptions) {
    this.url = options.url;
    this.#options = options;
  }

  /** What time the hub says it is, by the Date of an answer that needs no token. */
  async date(): Promise<string | null> {
    const answer = await this.#send('/healthz', {});
    await this.#read(() => answer.text());
    return answer.headers.get('date');
  }

  nodes(): Promise<NodeView[]> {
    return this.#json('/api/nodes', nodesSchema);
  }

  loginTicket(): Promise<LoginTicket> {
    return this.#json('/api/login/tickets', loginTicketSchema, { method: 'POST' });
  }

  broadcast(request: BroadcastRequest): Promise<BroadcastAnswer> {
    return this.#json('/api/swarm/broadcast', broadcastAnswerSchema, { method: 'POST', body: request });
  }

  createJoinToken(wanted: JoinTokenRequest): Promise<CreatedJoinToken> {
    return this.#json('/api/join-tokens', createdJoinTokenSchema, { method: 'POST', body: wanted });
  }

  joinTokens(): Promise<JoinTokenView[]> {
    return this.#json('/api/join-tokens', joinTokensSchema);
  }

  async deleteJoinToken(id: string): Promise<void> {
    const answer = await this.#send(`/api/join-tokens/${encodeURIComponent(id)}`, { method: 'DELETE' });
    await this.#read(() => answer.arrayBuffer());
  }

  transcript(objective: string): Promise<Transcript> {
    return this.#json(`/api/objectives/${encodeURIComponent(objective)}/transcript`, transcriptSchema);
  }

  /** Files of all wagons, or of one. */
  vault(node?: string): Promise<HubVaultList> {
    const path = node === undefined ? '/api/vault' : `/api/vault/${encodeURIComponent(node)}`;
    return this.#json(path, hubVaultListSchema);
  }

  /** Content of `<objective>/<path>` on a wagon. */
  async file(node: string, file: string): Promise<Uint8Array> {
    const answer = await this.#send(filePath(node, file), { accept: '*/*' });
    return new Uint8Array(await this.#read(() => answer.arrayBuffer()));
  }

  async deleteFile(node: string, file: string): Promise<void> {
    const answer = await this.#send(filePath(node, file), { method: 'DELETE' });
    await this.#read(() => answer.arrayBuffer());
  }

  /** Live events of an Objective from `after` on; ends when the hub ends the stream. */
  async *events(objective: string, after: string, signal: AbortSignal): AsyncGenerator<SseMessage, void, undefined> {
    const path = `/api/objectives/${encodeURIComponent(objective)}/events`;
    const answer = await this.#send(path, { query: { after }, signal, accept: 'text/event-stream' });
    if (!answer.body || !answer.headers.get('content-type')?.startsWith('text/event-stream')) {
      throw new HubUnreachable(this.url, 'what answers there is no hub');
    }
    try {
      yield* parseSse(answer.body);
    } catch (error) {
      if (signal.aborted) return;
      throw this.#unreachable(error);
    }
  }

  async #json<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    request: Request = {},
  ): Promise<z.output<Schema>> {
    const answer = await this.#send(path, request);
    const text = await this.#read(() => answer.text());
    const parsed = schema.safeParse(parseJson(text));
    if (!parsed.success) throw new HubUnreachable(this.url, `its answer to ${path} is not what this version expects`);
    return parsed.data;
  }

  async #send(path: string, { method = 'GET', query = {}, signal, accept = 'application/json', body }: Request) {
    const { url, namespace, credentials, fetch: fetcher = fetch } = this.#options;
    const target = new URL(`${url}${path}`);
    for (const [name, value] of Object.entries({ namespace, ...query })) {
      if (value !== undefined) target.searchParams.set(name, value);
    }
    const { token } = credentials.current();
    let answer: Response;
    try {
      answer = await fetcher(target, {
        method,
        headers: {
          accept,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // The token is for this host and no other.
        redirect: 'error',
        // A stream may last; its caller ends it.
        signal: signal ?? AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw this.#unreachable(error);
    }
    if (!answer.ok) throw await this.#refusal(answer);
    return answer;
  }

  async #refusal(answer: Response): Promise<Error> {
    const body = errorBodySchema.safeParse(parseJson(await this.#read(() => answer.text())));
    if (body.success) return new HubRefusal(answer.status, body.data.error.message);
    return new HubUnreachable(this.url, `what answers there is no hub: ${answer.status}`);
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #unreachable(error: unknown): HubUnreachable {
    if (error instanceof HubUnreachable) return error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    // Another one than the hub answers, and both fingerprints are what a person needs.
    if (cause instanceof PinMismatch) return new HubNotPinned(this.url, cause.message);
    return new HubUnreachable(this.url, whyOf(cause));
  }
}

/** A code where there is one; a port that fetch refuses to call has only words. */
function whyOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code, name, message } = cause as NodeJS.ErrnoException;
  return code ?? (name === 'Error' ? message : name);
}

function filePath(node: string, file: string): string {
  return `/api/vault/${[node, ...file.split('/')].map(encodeURIComponent).join('/')}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
