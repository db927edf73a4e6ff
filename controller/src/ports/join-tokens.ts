import type { JoinTokenView } from '@dark-carnival/crds';

export interface NewJoinToken {
  /** The only role that wagons may join as; absent: any. */
  role?: string | undefined;
  uses: number;
  ttlSeconds: number;
  /** User name of whoever asked for it. */
  createdBy: string;
}

export interface JoinAttempt {
  id: string;
  secret: string;
  /** `sha256:<hex>` of what only the asking wagon knows. */
  claim: string;
  /** metadata.name that it asks for. */
  wagon: string;
  role?: string | undefined;
}

export type AdmitOutcome =
  /** `again`: the same wagon was admitted before, and no second use was taken. `role` is the token's, where it has one. */
  | { outcome: 'admitted' | 'again'; role: string | undefined }
  /** No such token, or another secret: nobody is told which. */
  | { outcome: 'unknown' }
  | { outcome: 'expired' }
  | { outcome: 'usedUp' }
  | { outcome: 'otherRole'; role: string };

/** Join tokens of a namespace. Every method may run on any replica; each throws when the API server cannot be asked or refuses. */
export interface JoinTokens {
  /** @returns undefined where there are too many already. */
  create(namespace: string, token: NewJoinToken): Promise<{ view: JoinTokenView; secret: string } | undefined>;
  /** Newest first; those that ended within the last day too. */
  list(namespace: string): Promise<JoinTokenView[]>;
  /** @returns whether there was one. Wagons that joined with it stay. */
  remove(namespace: string, id: string): Promise<boolean>;
  /** Checks an attempt, and takes a use for it: of two at once that want the last one, one gets it. */
  admit(namespace: string, attempt: JoinAttempt): Promise<AdmitOutcome>;
  /** Gives a use back that led to nothing, such as a name that is taken. */
  giveBack(namespace: string, attempt: JoinAttempt): Promise<void>;
}
