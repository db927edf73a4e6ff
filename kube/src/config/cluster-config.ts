/** What proves to an API server who we are, as PEM or plain text. Secret: never logged. */
export interface Credentials {
  /** Bearer token. */
  readonly token?: string;
  /** CA bundle that the server's certificate is checked against, instead of the system's. */
  readonly ca?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
}

/** Credentials that may change under a running process: a rotated certificate, a projected token. */
export interface CredentialSource {
  /** What is valid now; the same object for as long as nothing changed. Reads at most four small files a minute. */
  current(): Credentials;
  /** The server refused what `current` gave: read again at the next call. */
  refresh(): void;
}

/** One API server, and how to talk to it. */
export interface ClusterConfig {
  /** Where this was read, for messages: a file, or `in-cluster`. */
  readonly source: string;
  readonly contextName: string;
  /** Base URL without a trailing slash. */
  readonly server: string;
  /** Namespace of the context, else `default`. */
  readonly namespace: string;
  readonly credentials: CredentialSource;
  /** Checks the server's certificate against this name instead of the URL's host. */
  readonly tlsServerName?: string;
  /** The person's own choice, in their kubeconfig. */
  readonly insecureSkipTlsVerify: boolean;
  /** `hub` of the cluster extension `darkcarnival.dev`: base URL of the hub that belongs to this API server. */
  readonly hubUrl?: string;
  /** The whole extension `darkcarnival.dev`, unchecked. */
  readonly extension?: Readonly<Record<string, unknown>>;
}

/** The configuration cannot be used. The message is one line and says what to do. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

/** Credentials that never change. */
export function staticCredentials(credentials: Credentials): CredentialSource {
  return { current: () => credentials, refresh: () => {} };
}
