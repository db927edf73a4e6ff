import type { Operation } from './operation.ts';
import type { Fault } from './rule.ts';

/** One request, what was done to it, and how it ended. */
export interface TraceEntry {
  /** Milliseconds since the first. */
  readonly atMs: number;
  readonly operation: Operation;
  /** The how-many-th of its operation on its object. */
  readonly occurrence: number;
  readonly fault: Fault | undefined;
  /** A status code, or the kind of the TransportError; `…` while it is under way. */
  outcome: string;
}

/** All that a client asked for, in order. Printed where a seed fails; equal for equal seeds where the client itself is deterministic. */
export class Trace {
  readonly entries: TraceEntry[] = [];

  /** How often something went wrong. */
  get faults(): number {
    return this.entries.filter(({ fault }) => fault !== undefined).length;
  }

  toString(): string {
    return this.entries.map(lineOf).join('\n');
  }
}

function lineOf({ atMs, operation, occurrence, fault, outcome }: TraceEntry): string {
  const { verb, resource, object } = operation;
  const what = `${verb} ${resource} ${object}`.trimEnd();
  const how = fault === undefined ? '' : `  ${typeof fault === 'string' ? fault : JSON.stringify(fault)}`;
  return `${String(Math.round(atMs)).padStart(7)} ms  ${what} #${occurrence}${how} → ${outcome}`;
}
