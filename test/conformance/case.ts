/** Cases are data: the same requests go to both engines, and what they answer is compared. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** What a text of a step may hold: `{ns}` is the case's namespace, `{saved:metadata.resourceVersion}` a value of an earlier answer. */
export type Template = string;

/** One HTTP request. */
export interface RequestStep {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
  path: Template;
  /** Sent as JSON, under `application/json` unless the headers say otherwise. */
  body?: Json;
  /** Sent as it is, instead of a body. */
  text?: Template;
  headers?: Record<string, Template>;
  /** Keeps the answer's body under this name. */
  save?: string;
  /** Keeps the answer's headers, by lower-case name. */
  saveHeaders?: string;
  /** Response headers that are compared too, in lower case; others are each server's own. */
  compareHeaders?: string[];
  /** The body is another case's business. */
  withoutBody?: boolean;
  /** Asks again until the answer has this status, or this value at a path of its body. */
  until?: { status: number } | { at: string; is: Json };
  /** Compares nothing but that both engines came to the end of this step: it only prepares. */
  quiet?: boolean;
}

/** Opens a watch; its events are collected by an `EventsStep`. */
export interface WatchStep {
  watch: Template;
  headers?: Record<string, string>;
  save: string;
}

/** Waits for events of an open watch. */
export interface EventsStep {
  events: string;
  /** Ends after so many, not counting bookmarks; a watch that the server ends earlier has fewer. */
  count: number;
  /** Bookmarks come when each server likes: they are left out unless a case is about them. */
  withBookmarks?: boolean;
}

/** Runs kubectl against the engine, as a person would. */
export interface KubectlStep {
  kubectl: Template[];
  /** Standard input: a manifest as JSON, or text. */
  stdin?: Json;
  /** Laid into the folder of the case, in which its kubectl runs: path and manifest (as JSON), or text. */
  files?: Record<string, Json>;
  /** What stands in for a person at an editor: a command to which kubectl adds the file. */
  editor?: string;
  /** Runs on in the background under this name, until a `LinesStep` has seen its lines. */
  background?: string;
  quiet?: boolean;
}

/** Waits for lines of a kubectl that runs in the background, then stops it. */
export interface LinesStep {
  lines: string;
  count: number;
}

/** Stops the server, starts it again on its data, or makes its store forget all but what is now. */
export interface ServerStep {
  server: 'halt' | 'start' | 'compact';
}

export type Step = RequestStep | WatchStep | EventsStep | KubectlStep | LinesStep | ServerStep;

export interface Case {
  name: string;
  steps: Step[];
  /** managedFields are left out of the comparison unless a case is about them. */
  managedFields?: boolean;
  /** Needs the controllers of a whole control plane (garbage collector, namespaces). */
  controllers?: boolean;
  /** Stops and starts the servers, which a cluster in use cannot be asked for. */
  restarts?: boolean;
}

/** What came of one step. */
export type Outcome =
  | {
      kind: 'answer';
      status: number;
      contentType: string;
      warnings: string[];
      headers: Record<string, string>;
      body: Json;
    }
  | { kind: 'events'; events: Json[]; ended: boolean }
  | { kind: 'kubectl'; code: number; stdout: string; stderr: string }
  | { kind: 'quiet' };
