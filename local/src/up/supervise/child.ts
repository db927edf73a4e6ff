/** How a child ended: by an exit code, or by a signal, or it could not be started at all. */
export interface ChildExit {
  code: number | null;
  signal: string | null;
  /** The last line that it said, for people. */
  lastWords: string | undefined;
}

/** One run of a child process. */
export interface Child {
  /** The line `{"ready":true,…}` that the child printed; undefined when it ended without one. */
  readonly ready: Promise<Record<string, unknown> | undefined>;
  /** Resolves once, when the process is gone. Never rejects. */
  readonly exited: Promise<ChildExit>;
  /** Asks it to end (SIGTERM). */
  terminate(): void;
  /** Ends it and what it started (SIGKILL). */
  kill(): void;
}

/** What to run. */
export interface ChildSpec {
  /** Path of a TypeScript program, run by this Node. */
  program: string;
  args: readonly string[];
  /** Of Node's V8, such as `--max-semi-space-size=2`. */
  v8Flags?: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Takes each line of stdout and stderr that is not the ready line. */
  log(line: string): void;
}

/** Port to the operating system: starts a process. Never throws: what cannot be started has already exited. */
export type Spawn = (spec: ChildSpec) => Child;

/** For people: `exit code 1`, `signal SIGKILL`. */
export function describeExit({ code, signal, lastWords }: ChildExit): string {
  const how = signal ? `signal ${signal}` : `exit code ${code ?? '?'}`;
  return lastWords ? `${how}: ${lastWords}` : how;
}
