import type { PassedOver, PlanTask, ProviderCapability, ProviderHealth, ProviderType, Seat } from '@dark-carnival/crds';
import type { JsonSchema } from './json-schema.ts';

/** One message of a conversation. System text is apart, since the wire formats disagree on where it goes. */
export interface Message {
  role: 'user' | 'assistant';
  content: string;
}

/** A turn of a debate is asked for. */
export interface TurnPurpose {
  kind: 'turn';
  seat: Seat;
  round: number;
  directive: string;
  /** Every feedback given so far, oldest first; the last one is what this round answers. */
  feedback: readonly string[];
  maxTasks: number;
  /** What the seats before said in this round, oldest first. */
  earlier: readonly { seat: Seat; text: string }[];
}

/** The result of one task is asked for. */
export interface TaskPurpose {
  kind: 'task';
  task: PlanTask;
  directive: string;
  planSummary: string;
  /** Files that the tasks before left, by path inside the Objective. */
  dependencies: readonly { id: string; title: string; path: string }[];
}

/** What is being asked, in the project's own words: the Rehearsal answers from it, logs and metrics name it. No model sees it. */
export type Purpose = TurnPurpose | TaskPurpose;

/** What a model is asked. Providers add nothing to it but what their wire needs. */
export interface CompletionRequest {
  /** Role prompt and shared context, byte-stable over a debate so that providers can cache the prefix. */
  system: string;
  messages: readonly Message[];
  /** Tokens that the answer may have, at most. */
  maxTokens: number;
  /** Asks for JSON of this shape, by the best way that the model is known to take. `json` of the answer is parsed, not yet validated. */
  schema?: { name: string; schema: JsonSchema };
  purpose: Purpose;
}

/** Who is being asked, told at the start of each try. */
export interface Attempt {
  provider: string;
  model: string;
}

/** How a call is made. */
export interface CallOptions {
  /** Ends the call at once; what it cost so far is lost. */
  signal: AbortSignal;
  /** Text as it comes. After a failed try the next one starts over: `onStart` says so. */
  onDelta?: (text: string) => void;
  /** Called before each try, so that whoever shows deltas can clear what a failed try left. */
  onStart?: (attempt: Attempt) => void;
  /** Called whenever the model makes progress, also where there is nothing to show: it thinks, and so many characters of that came. */
  onActivity?: (characters?: number) => void;
  /** Called when a question goes out: what ends after that may be paid for, what ends before cannot be. */
  onSent?: () => void;
  /** Model instead of the provider's own. */
  model?: string;
}

/** Why an answer ended. Only `stop` is whole: `length` was cut off, `refusal` and `filter` were withheld. */
export type FinishReason = 'stop' | 'length' | 'refusal' | 'filter';

/** Tokens of one call, as counted by the provider or estimated. */
export interface TokenCount {
  /** Including cached ones. */
  inputTokens: number;
  outputTokens: number;
}

/** What a call consumed over all its tries, failed ones included. */
export interface Spend extends TokenCount {
  /** Requests that were sent to providers. */
  calls: number;
  /** US dollars as a decimal string with up to six decimals; absent where no provider that was asked has prices. */
  costUSD?: string;
  /** Tokens among these that no provider counted: a stream that broke or a call that timed out is paid for, and says nothing of its usage. */
  estimatedTokens?: number;
  /** What of `costUSD` each provider took, one entry each; absent where `costUSD` is. */
  takenBy?: readonly ProviderCost[];
}

/** What one provider took. */
export interface ProviderCost {
  provider: string;
  /** US dollars, as in Spend. */
  costUSD: string;
}

/** An answer. */
export interface Completion extends TokenCount {
  text: string;
  /** The parsed JSON where a schema was asked for and the answer held JSON. Not validated. */
  json?: unknown;
  /** Name of the provider that answered. */
  provider: string;
  model: string;
  /** Model that the provider says answered, where it says so. Its words: for traces, and nothing else. */
  answeredBy?: string;
  finishReason: FinishReason;
  /** True where a provider did not count, in this try or an earlier one of the call: tokens are then about characters / 4. */
  usageEstimated: boolean;
  /** True where no model wrote this. */
  rehearsal: boolean;
  /** What all tries together consumed, this answer included. */
  spent: Spend;
  /** Who stands before it in the chain and did not answer, in the chain's order; absent where it is the first. */
  passedOver?: PassedOver;
}

/** One endpoint with one key, behind one contract. All of them pass `provider-conformance.ts`. */
export interface Provider {
  readonly name: string;
  readonly type: ProviderType;
  /** Model that answers unless the call names another. */
  readonly model: string;
  /**
   * Asks once: no retry, no fallback, no deadline but the signal's. Those are the LLMFactory's.
   * @throws ProviderError, and nothing else; the signal's own reason where the caller aborted.
   */
  complete(request: CompletionRequest, options: CallOptions): Promise<Completion>;
  /** What answers have shown that its own model takes. */
  readonly capabilities: readonly ProviderCapability[];
  /** Finds out, without spending a token, whether the provider would answer. Never throws. */
  probe(signal: AbortSignal): Promise<ProviderHealth>;
}
