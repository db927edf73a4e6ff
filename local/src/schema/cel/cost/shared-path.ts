/**
 * The path of an expression from a variable into the declared types, as cel-go keeps it: a Go slice. Two paths made from the same one by adding
 * a step share their memory while there is room in it, so that the later one changes the earlier one's last step. kube-apiserver's estimates
 * show this, and the same rules have to pass here and there, so it is kept: `append` does what Go's does.
 */
export interface SharedPath {
  readonly memory: { readonly steps: string[]; readonly capacity: number };
  readonly length: number;
}

export const NO_PATH: SharedPath = { memory: { steps: [], capacity: 0 }, length: 0 };

/** A path of one step, that of a variable. */
export const pathOf = (variable: string): SharedPath => ({ memory: { steps: [variable], capacity: 1 }, length: 1 });

export function append({ memory, length }: SharedPath, step: string): SharedPath {
  if (length < memory.capacity) {
    memory.steps[length] = step;
    return { memory, length: length + 1 };
  }
  const capacity = Math.max(1, 2 * memory.capacity);
  return { memory: { steps: [...memory.steps.slice(0, length), step], capacity }, length: length + 1 };
}

/** The steps as they are now. */
export const stepsOf = ({ memory, length }: SharedPath): readonly string[] => memory.steps.slice(0, length);
