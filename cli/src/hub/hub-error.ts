/** The hub refused. `message` is its own line, made for people. */
export class HubRefusal extends Error {
  override readonly name = 'HubRefusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The hub does not answer, or what answers is no hub. */
export class HubUnreachable extends Error {
  override readonly name = 'HubUnreachable';
  readonly url: string;

  constructor(url: string, why: string) {
    super(`the hub at ${url} does not answer (${why})`);
    this.url = url;
  }
}

/** Somebody answers with another certificate than the pinned one. Nothing was said to them. */
export class HubNotPinned extends HubUnreachable {
  /** @param fingerprints what was shown and what was expected, for people */
  constructor(url: string, fingerprints: string) {
    super(url, fingerprints);
    this.message = `who answers at ${url} is not the pinned hub (${fingerprints})`;
  }
}
