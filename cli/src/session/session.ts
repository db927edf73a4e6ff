import type { Clock } from '@dark-carnival/crds/clock';
import { type ClusterConfig, createTransport, KubeClient, loadKubeconfig } from '@dark-carnival/kube';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { HubClient } from '../hub/hub-client.ts';
import { pinnedFetch } from '../hub/pinned-fetch.ts';
import type { KubectlPlace } from '../objective/gate.ts';
import type { OutputFormat } from '../terminal/structured.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { VERSION } from '../version.ts';
import { hubAddress, hubPin } from './hub-address.ts';

/** What every command gets from the process that it runs in. */
export interface CliDeps {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  clock: Clock;
  random: () => number;
  terminal: Terminal;
  /** Aborts at Ctrl-C. */
  interrupted: AbortSignal;
  readFile(path: string): string;
  readStdin(): Promise<string>;
}

/** Options that every command has. */
export interface ConnectionOptions {
  namespace?: string;
  output?: OutputFormat;
  kubeconfig?: string;
  context?: string;
  hub?: string;
  hubFingerprint?: string;
}

/** One cluster, and who we are there. */
export class Session {
  readonly config: ClusterConfig;
  readonly namespace: string;
  readonly client: KubeClient;
  readonly options: ConnectionOptions;
  readonly #env: CliDeps['env'];
  readonly #close: () => Promise<void>;

  constructor(options: ConnectionOptions, { env, cwd, clock }: Pick<CliDeps, 'env' | 'cwd' | 'clock'>) {
    this.config = loadKubeconfig({
      env,
      cwd,
      clock,
      ...(options.kubeconfig === undefined ? {} : { path: options.kubeconfig }),
      ...(options.context === undefined ? {} : { context: options.context }),
    });
    this.namespace = options.namespace ?? this.config.namespace;
    this.options = options;
    this.#env = env;
    const transport = createTransport(this.config, { clock, userAgent: `carnival/${VERSION}` });
    this.client = new KubeClient(transport);
    this.#close = () => transport.close();
  }

  /**
   * The hub of this cluster.
   * @throws CliError where none is known.
   */
  hub(): HubClient {
    const { config, namespace } = this;
    const url = hubAddress({ flag: this.options.hub, env: this.#env, extension: config.hubUrl });
    const { fingerprint: extension } = config.extension ?? {};
    const pin = hubPin(url, { flag: this.options.hubFingerprint, env: this.#env, extension });
    return new HubClient({
      url,
      namespace,
      credentials: config.credentials,
      ...(pin ? { fetch: pinnedFetch(pin) } : {}),
    });
  }

  /** Where a write goes, for people: `context carnival (https://127.0.0.1:6443), namespace default`. */
  get place(): string {
    return `context ${this.config.contextName} (${this.config.server}), namespace ${this.namespace}`;
  }

  /** What a kubectl in this shell would not find by itself. */
  get kubectlPlace(): KubectlPlace {
    const { context, kubeconfig } = this.options;
    const knows = kubeconfig === undefined && Boolean(this.#env['KUBECONFIG']);
    return {
      namespace: this.namespace,
      ...(knows ? {} : { kubeconfig: this.config.source }),
      ...(context === undefined ? {} : { context }),
    };
  }

  /** The name under which the API server knows us. */
  async username(): Promise<string> {
    const answer = await this.client.raw({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
    });
    const review = selfSubjectReview.safeParse(JSON.parse(answer.body));
    if (!review.success) throw new CliError('the API server does not say who you are (SelfSubjectReview)');
    return review.data.status.userInfo.username;
  }

  close(): Promise<void> {
    return this.#close();
  }
}

const selfSubjectReview = z.object({ status: z.object({ userInfo: z.object({ username: z.string().min(1) }) }) });
