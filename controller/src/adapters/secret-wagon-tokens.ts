import { isSelfRegistered, WAGON_TOKEN_KEY, wagonTokenSecretName } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { type KubeClient, SECRETS, type Secret } from '@dark-carnival/kube';
import type { WagonTokens } from '../ports/wagon-tokens.ts';
import { sameSecret } from '../runtime/secret-digest.ts';

/** How long a token is used without asking again. */
const FRESH_MS = 60_000;
/** A presented token that does not match may be a new one: asked again, but not for every guess. */
const RECHECK_MS = 5_000;

interface Entry {
  token: string;
  isOfSelfRegistered: boolean;
  readAt: number;
}

/** Tokens from Secrets, which are read by name only (whoever may list Secrets may read them all), kept for a minute. While the API server is away, the last known ones go on working: wagons must not lose their lease over it. */
export class SecretWagonTokens implements WagonTokens {
  readonly #client: Pick<KubeClient, 'find'>;
  readonly #clock: Clock;
  readonly #known = new Map<string, Entry>();
  readonly #reading = new Map<string, Promise<Entry | undefined>>();

  constructor(client: Pick<KubeClient, 'find'>, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async tokenOf(namespace: string, wagon: string): Promise<string | undefined> {
    return (await this.#entry(namespace, wagon))?.token;
  }

  async isOfSelfRegistered(namespace: string, wagon: string): Promise<boolean> {
    return (await this.#entry(namespace, wagon))?.isOfSelfRegistered ?? false;
  }

  async verify(namespace: string, wagon: string, presented: string): Promise<boolean> {
    const token = await this.tokenOf(namespace, wagon);
    if (token !== undefined && sameSecret(token, presented)) return true;
    const known = this.#known.get(`${namespace}/${wagon}`);
    if (!known || this.#age(known) < RECHECK_MS) return false;
    const fresh = await this.#read(namespace, wagon);
    return fresh !== undefined && sameSecret(fresh.token, presented);
  }

  async #entry(namespace: string, wagon: string): Promise<Entry | undefined> {
    const known = this.#known.get(`${namespace}/${wagon}`);
    return known && this.#age(known) < FRESH_MS ? known : this.#read(namespace, wagon);
  }

  /** One request at a time per wagon, however many ask. */
  #read(namespace: string, wagon: string): Promise<Entry | undefined> {
    const key = `${namespace}/${wagon}`;
    const running = this.#reading.get(key);
    if (running) return running;
    const reading = this.#fetch(namespace, wagon).finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }

  async #fetch(namespace: string, wagon: string): Promise<Entry | undefined> {
    const key = `${namespace}/${wagon}`;
    try {
      const secret = await this.#client.find<Secret>(SECRETS, { namespace, name: wagonTokenSecretName(wagon) });
      const token = decode(secret?.data?.[WAGON_TOKEN_KEY]);
      if (token === undefined) {
        this.#known.delete(key);
        return undefined;
      }
      const entry = {
        token,
        isOfSelfRegistered: isSelfRegistered(secret?.metadata.labels),
        readAt: this.#clock.monotonic(),
      };
      this.#known.set(key, entry);
      return entry;
    } catch (error) {
      const known = this.#known.get(key);
      if (known) return known;
      throw error;
    }
  }

  #age({ readAt }: Entry): number {
    return this.#clock.monotonic() - readAt;
  }
}

/** A token as it stands in a Secret; a trailing line break comes from `kubectl create secret --from-file`. */
function decode(value: string | undefined): string | undefined {
  const token = Buffer.from(value ?? '', 'base64')
    .toString('utf8')
    .trim();
  return /^[\x21-\x7e]{1,4096}$/.test(token) ? token : undefined;
}
