import type { ProviderGrant } from '@dark-carnival/crds';
import type { Completion, CompletionRequest, Spend } from './provider.ts';
import type { ProviderErrorKind } from './provider-error.ts';

/** For whom a call is made: for metrics and traces, no provider is told. */
export interface CallOrigin {
  objectiveUID: string;
  jobID: string;
}

/** One try at one provider. A retry and a fallback are tries of their own. */
export interface Try {
  grant: ProviderGrant;
  model: string;
  request: CompletionRequest;
  origin: CallOrigin | undefined;
}

/** How a try failed. `cancelled`: the caller did not want it any more. */
export type TryFailure = ProviderErrorKind | 'cancelled';

/** Follows one try. Called on the way of every piece of an answer: must not throw, and costs next to nothing. */
export interface TryWatch {
  /** A request goes out. A second time in one try: the first one's form was refused. */
  sent(): void;
  /** The model makes progress. */
  progressed(): void;
  answered(completion: Completion, spent: Spend): void;
  failed(failure: TryFailure, message: string, spent: Spend): void;
}

/** Is told of every try that begins. */
export interface CallObserver {
  begin(tried: Try): TryWatch;
}
