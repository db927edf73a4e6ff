import { JOIN_TOKENS_SECRET, type JoinTokenView, LABELS } from '@dark-carnival/crds';
import { type Clock, sleep } from '@dark-carnival/crds/clock';
import { ApiError, type KubeClient, SECRETS, type Secret } from '@dark-carnival/kube';
import type { AdmitOutcome, JoinAttempt, JoinTokens, NewJoinToken } from '../ports/join-tokens.ts';
import { secretDigest } from '../runtime/secret-digest.ts';
import { type JoinTokenRecord, joinTokenRecordSchema, judgeAttempt, viewOf, withoutUse } from './join-token-record.ts';

/** Some fit into a Secret with room to spare: it may hold 1 MiB. */
const MAX_TOKENS = 50;
/** One that has ended is told so for a day, and then forgotten. */
const REMEMBERED_MS = 86_400_000;
/** Each attempt loses to somebody else's write; so many do not in a row. */
const MAX_ATTEMPTS = 12;
const RETRY_MS = 20;

type Client = Pick<KubeClient, 'find' | 'create' | 'update'>;
type Records = Map<string, JoinTokenRecord>;

export interface SecretJoinTokensOptions {
  client: Client;
  clock: Clock;
  random: () => number;
  randomBytes: (size: number) => Buffer;
}

/**
 * All join tokens of a namespace in one Secret, read by its name: whoever may list Secrets may read them all, and the controller need not. Every change is an
 * update of exactly what was read (resourceVersion).
 */
export class SecretJoinTokens implements JoinTokens {
  readonly #options: SecretJoinTokensOptions;

  constructor(options: SecretJoinTokensOptions) {
    this.#options = options;
  }

  async create(
    namespace: string,
    { role, uses, ttlSeconds, createdBy }: NewJoinToken,
  ): Promise<{ view: JoinTokenView; secret: string } | undefined> {
    const { clock, randomBytes } = this.#options;
    const id = idFrom(randomBytes(10));
    const secret = randomBytes(32).toString('base64url');
    const at = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
    const record: JoinTokenRecord = {
      hash: secretDigest(secret),
      ...(role === undefined ? {} : { role }),
      uses,
      createdAt: at(clock.now()),
      expiresAt: at(clock.now() + ttlSeconds * 1000),
      createdBy: createdBy.slice(0, 253),
      joins: [],
    };
    return this.#change(namespace, (records) => {
      if (records.size >= MAX_TOKENS) return { answer: undefined, changed: false };
      records.set(id, record);
      return { answer: { view: viewOf(namespace, id, record), secret }, changed: true };
    });
  }

  async list(namespace: string): Promise<JoinTokenView[]> {
    const records = this.#recordsIn(await this.#find(namespace));
    return [...records]
      .map(([id, record]) => viewOf(namespace, id, record))
      .sort((a, b) => (a.createdAt === b.createdAt ? 0 : a.createdAt < b.createdAt ? 1 : -1));
  }

  remove(namespace: string, id: string): Promise<boolean> {
    return this.#change(namespace, (records) => {
      const removed = records.delete(id);
      return { answer: removed, changed: removed };
    });
  }

  admit(namespace: string, attempt: JoinAttempt): Promise<AdmitOutcome> {
    const presented = { ...attempt, hash: secretDigest(attempt.secret) };
    return this.#change(namespace, (records) => {
      const { answer, next } = judgeAttempt(records.get(attempt.id), presented, this.#options.clock.now());
      if (next) records.set(attempt.id, next);
      return { answer, changed: next !== undefined };
    });
  }

  giveBack(namespace: string, attempt: JoinAttempt): Promise<void> {
    return this.#change(namespace, (records) => {
      const record = records.get(attempt.id);
      const next = record && withoutUse(record, attempt);
      if (next) records.set(attempt.id, next);
      return { answer: undefined, changed: next !== record };
    });
  }

  /** Reads, decides, and writes exactly what was read, until nobody else wrote in between. */
  async #change<T>(namespace: string, decide: (records: Records) => { answer: T; changed: boolean }): Promise<T> {
    const { clock, random } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const secret = await this.#find(namespace);
      const records = this.#recordsIn(secret);
      const { answer, changed } = decide(records);
      if (!changed) return answer;
      try {
        await this.#write(namespace, secret, records);
        return answer;
      } catch (error) {
        const lost = error instanceof ApiError && (error.isConflict || error.isAlreadyExists || error.isNotFound);
        if (!lost || attempt >= MAX_ATTEMPTS) throw error;
        await sleep(clock, RETRY_MS * attempt * random(), new AbortController().signal);
      }
    }
  }

  #find(namespace: string): Promise<Secret | undefined> {
    return this.#options.client.find<Secret>(SECRETS, { namespace, name: JOIN_TOKENS_SECRET });
  }

  async #write(namespace: string, secret: Secret | undefined, records: Records): Promise<void> {
    const data = Object.fromEntries(
      [...records].map(([id, record]) => [id, Buffer.from(JSON.stringify(record)).toString('base64')]),
    );
    const { client } = this.#options;
    if (secret) {
      await client.update(SECRETS, { ...secret, data });
      return;
    }
    const metadata = { name: JOIN_TOKENS_SECRET, namespace, labels: { [LABELS.joinTokens]: 'true' } };
    await client.create<Secret>(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data });
  }

  /** What somebody broke, and what ended long ago, is no token. */
  #recordsIn(secret: Secret | undefined): Records {
    const records: Records = new Map();
    const oldest = this.#options.clock.now() - REMEMBERED_MS;
    for (const [id, encoded] of Object.entries(secret?.data ?? {})) {
      const record = decode(encoded);
      if (record && Date.parse(record.expiresAt) > oldest) records.set(id, record);
    }
    return records;
  }
}

function decode(encoded: string): JoinTokenRecord | undefined {
  try {
    return joinTokenRecordSchema.safeParse(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** No secret: a little more of some letters than of others does not matter. */
const idFrom = (bytes: Buffer): string => [...bytes].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
