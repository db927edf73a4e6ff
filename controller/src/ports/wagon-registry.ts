/** A wagon that came by itself, with a join token. */
export interface Registration {
  /** As people spell it, such as LXC-GARAGE. */
  nodeID: string;
  role: string;
}

export interface TokenRequest extends Registration {
  /**
   * `sha256:<hex>` of something that only the asking wagon knows. Whoever shows the same again is given the same token again (the first answer may have
   * been lost); without it a token is issued once.
   */
  claim?: string;
}

/** The name is held by a wagon that somebody declared, or by another registration. Nothing was changed. */
export interface NameTaken {
  outcome: 'taken';
  /** One line for people: what has the name, and what to do. */
  message: string;
}

/** NODE_ID or role cannot be used. Nothing was changed. */
export interface InvalidRegistration {
  outcome: 'invalid';
  message: string;
}

export type IssueTokenOutcome =
  | {
      outcome: 'issued';
      /** metadata.name of the Wagon. */
      wagon: string;
      token: string;
    }
  | NameTaken
  | InvalidRegistration;

export type CreateWagonOutcome =
  | { outcome: 'created' | 'exists' /** metadata.name of the Wagon. */; wagon: string }
  | NameTaken
  | InvalidRegistration;

/**
 * Wagons that register themselves: their object and their token. A name that somebody declared, or that another wagon has registered, is never taken over.
 * Every method may run on any replica: of two that claim a name at once the API server lets one through.
 */
export interface WagonRegistry {
  /**
   * Makes Secret `<wagon>-token`, marked as of a wagon that registered itself. Comes before `createWagon`: whoever has the token has the name.
   * @throws when the API server cannot be asked or refuses.
   */
  issueToken(namespace: string, request: TokenRequest): Promise<IssueTokenOutcome>;
  /**
   * Makes the Wagon object: External without url, granted no provider until a person names some. `exists` where it is there already.
   * @throws when the API server cannot be asked or refuses.
   */
  createWagon(namespace: string, registration: Registration): Promise<CreateWagonOutcome>;
  /**
   * What a wagon's token says about its registration; undefined where there is no token, or where it is of a declared wagon. The token outlives the object.
   * @throws when the API server cannot be asked.
   */
  registrationOf(namespace: string, wagon: string): Promise<Registration | undefined>;
}
