/** What a reflector has to say about itself, for logs and metrics. Nothing of it needs handling. */
export type ReflectorReport =
  | { kind: 'listed'; items: number; pages: number; resourceVersion: string; tookMs: number }
  /** Tried again after `retryInMs`, for ever. */
  | { kind: 'failed'; during: 'list' | 'watch'; error: unknown; retryInMs: number }
  /** The resourceVersion was too old: everything is listed again. */
  | { kind: 'expired' }
  /** Neither event nor bookmark came: the watch is opened anew. */
  | { kind: 'inactive'; idleMs: number }
  /** A subscriber threw. */
  | { kind: 'handler-failed'; error: unknown };
