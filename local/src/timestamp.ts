import type { Clock } from '@dark-carnival/crds/clock';

/** A timestamp as `metav1.Time` prints it: whole seconds, UTC. */
export function timestamp(clock: Clock): string {
  return `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
}
