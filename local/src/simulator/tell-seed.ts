import type { Faults } from './faults.ts';

/** Runs a test's steps; where they fail, the error says which seed it was and prints the trace, so that the run can be had again. */
export async function tellSeed<T>(faults: Faults, steps: () => Promise<T>): Promise<T> {
  try {
    return await steps();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`seed ${faults.seed}: ${why}\n${faults.trace}`, { cause: error });
  }
}
