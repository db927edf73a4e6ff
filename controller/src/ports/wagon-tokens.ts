/** The tokens of wagons: Secret `<wagon>-token`, used in both directions. They are never logged and never leave in a status or an event. */
export interface WagonTokens {
  /**
   * The wagon's token, or undefined where its Secret is missing or holds none.
   * @throws when the API server cannot be asked: unknown is not absent.
   */
  tokenOf(namespace: string, wagon: string): Promise<string | undefined>;
  /**
   * Whether a presented token is the wagon's, compared in constant time. False for an unknown wagon.
   * @throws when the API server cannot be asked.
   */
  verify(namespace: string, wagon: string, presented: string): Promise<boolean>;
  /**
   * Whether the wagon's token was issued to one that registered itself. False where there is no token.
   * @throws when the API server cannot be asked.
   */
  isOfSelfRegistered(namespace: string, wagon: string): Promise<boolean>;
}
