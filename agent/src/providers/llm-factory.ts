import type { ProviderChain, ProviderGrant, ProviderGrants, ProviderHealth } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { AddressPolicy } from './address-policy.ts';
import type { CallObserver, CallOrigin } from './call-observer.ts';
import type { CallOptions, Completion, CompletionRequest } from './provider.ts';

/** Where the factory says what it does. Messages and fields never hold keys or prompts. A pino logger fits. */
export interface ProviderLogger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
}

/** What the factory is made of. */
export interface LLMFactoryDeps {
  clock: Clock;
  /** Uniform in [0, 1): jitter of the waits between tries. */
  random: () => number;
  logger: ProviderLogger;
  /** `host:port` pairs that no provider may point at: the Kubernetes API, the hub. */
  refusedHosts?: readonly string[];
  /** Which private places providers may be at; absent: all, as on a machine of one's own. Link-local and metadata addresses never. */
  addresses?: AddressPolicy;
  /** Providers that it has from the start, before and besides any grant. */
  own?: readonly ProviderGrant[];
  /** Milliseconds between two pieces of what the Rehearsal says, so that people can watch it; absent: it does not wait. */
  rehearsalPieceMs?: number;
  /** Told of every try. */
  observer?: CallObserver;
}

/** A call through a chain of providers. `model` is not among the options: the chain says it. */
export interface ChainCallOptions extends Omit<CallOptions, 'model'> {
  /** Milliseconds that the whole call may take, with every retry and fallback. */
  deadlineMs: number;
  /** Asked before each try, a repeated one or a fallback too: where it says no, the call ends with CallHeldBack. Absent: every try may begin. */
  mayTry?: () => boolean;
  /**
   * Asked before each try whether the call may come to so much with it: what failed tries cost counts too, and a fallback may be dearer. A word of what is short
   * passes the provider over; where nobody is left the call ends with CallUnaffordable. Absent: any try may be made.
   */
  reserveTry?: (upTo: CallCeiling) => string | undefined;
  /** For whom, for whoever counts and traces. */
  origin?: CallOrigin;
}

/** What a call may come to at most. */
export interface CallCeiling {
  tokens: number;
  /** Absent where nobody who was or is to be asked has prices. */
  costUSD?: string;
}

/** Every LLM call of a wagon goes through here: retry, fallback, cool-down, deadline, concurrency, health. */
export interface LLMFactory {
  /** Replaces every granted provider. Calls in flight end as they began. `rehearsal` is always there, granted or not. */
  setProviders(grants: ProviderGrants): void;
  /** Digest of the grants that are held; absent before the first, so the controller sends them. */
  readonly digest: string | undefined;
  /** Whether it has a provider of this name, granted or its own. */
  holds(name: string): boolean;
  /**
   * Asks the first provider of the chain that is well, and falls back along the chain.
   * @throws ProviderError of the last provider asked (`spent` sums all tries), CallHeldBack, or the signal's reason.
   */
  complete(chain: ProviderChain, request: CompletionRequest, options: ChainCallOptions): Promise<Completion>;
  /** The most that a call may consume, for a reservation before it: estimated input + maxTokens, in tokens and, where the first provider has prices, dollars. */
  reservation(chain: ProviderChain, request: CompletionRequest): { tokens: number; costUSD?: string };
  /** What is known of each provider, from probes and real calls; `rehearsal` is always healthy. At most MAX_PROVIDERS. */
  health(): ProviderHealth[];
  /** Probes each provider whose interval has passed (all of them with `force`), without spending tokens. Never throws. */
  probe(options?: { signal?: AbortSignal; force?: boolean }): Promise<void>;
  /** Closes idle connections. */
  close(): Promise<void>;
}
