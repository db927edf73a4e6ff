import { ObjectiveWorld } from './objective-world.ts';

/** Worlds at the beginning of a story. */

/** A world whose question is open. */
export function asked(...given: ConstructorParameters<typeof ObjectiveWorld>): ObjectiveWorld {
  const world = new ObjectiveWorld(...given);
  world.settle();
  while (world.status.phase !== 'AwaitingHuman') {
    const [id] = world.running();
    if (id === undefined) throw new Error(`nothing runs in ${world.status.phase}`);
    world.finish(id);
    world.settle();
  }
  return world;
}

/** A world whose tasks run. */
export function executing(...given: ConstructorParameters<typeof ObjectiveWorld>): ObjectiveWorld {
  const world = asked(...given);
  world.answer('Approve');
  world.settle();
  return world;
}

export const job = (world: ObjectiveWorld, part: string) => `${world.uid}.${part}`;
export const reason = (world: ObjectiveWorld, type = 'Ready') =>
  world.status.conditions?.find((condition) => condition.type === type)?.reason;
export const debateOf = (rounds: number) =>
  ({ debate: { mode: 'Debate', rounds, turnTimeoutSeconds: 300, seats: {} } }) as const;
export const approval = (more: object) =>
  ({ approval: { mode: 'Manual', separationOfDuties: 'NotRequired', children: 'Ask', ...more } }) as const;
export const execution = (more: object) =>
  ({
    execution: { maxTasks: 20, parallelism: 4, taskTimeoutSeconds: 600, retries: 1, sandbox: 'Required', ...more },
  }) as const;
