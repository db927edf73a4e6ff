/** What a span says besides its name. Undefined members are left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Something that has ended. Times are wall clock, in milliseconds. */
export interface EndedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string | undefined;
  name: string;
  /** `client`: a call to another system. */
  kind?: 'internal' | 'client';
  startMs: number;
  endMs: number;
  attributes?: SpanAttributes;
  /** Why it failed, for people; absent: it did not. */
  error?: string | undefined;
}

/** Where ended spans go. Nothing here ever throws, waits for a network, or fails the work that it tells of. */
export interface Tracing {
  /** Whether anybody listens: what makes spans may be left out where not. */
  readonly isOn: boolean;
  /** Whether prompts and answers may go into spans. */
  readonly capturesContent: boolean;
  /** Whether the spans of a trace are kept: a pure function of its id, so all processes agree. */
  isSampled(traceId: string): boolean;
  record(span: EndedSpan): void;
  /** Sends what is left, for a bounded time. */
  stop(): Promise<void>;
}

/** Who sends. */
export interface Sender {
  /** `service.name` where the environment gives none. */
  service: string;
  version: string;
  /** Names this start of the process: `service.instance.id`. */
  instance: string;
  /** Further attributes of the resource; the environment's win. */
  attributes?: Readonly<Record<string, string>>;
}

export interface TracingDeps {
  sender: Sender;
  /** Takes known secrets out of a text. Every attribute and message goes through it. */
  scrub: (text: string) => string;
  /** Told when batches do not arrive, once, and when they do again. Words without credentials. */
  onExport: (fault: string | undefined) => void;
}

/** Nobody listens. */
export const noTracing: Tracing = {
  isOn: false,
  capturesContent: false,
  isSampled: () => false,
  record: () => {},
  stop: async () => {},
};
