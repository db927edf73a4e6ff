import { ANNOTATIONS, FIELD_MANAGERS, type Objective } from '@dark-carnival/crds';
import { CliError } from '../cli-error.ts';
import type { ControlChange } from './control.ts';
import { ownersOf } from './gitops-owner.ts';
import { hasEnded } from './standing.ts';

/** What pause, resume, stop-all and resume-all make of an Objective. Pure. */

const markOf = ({ metadata }: Objective) => metadata.annotations?.[ANNOTATIONS.stoppedAt];
const unmark = (objective: Objective): Pick<ControlChange, 'annotations'> =>
  markOf(objective) === undefined ? {} : { annotations: { [ANNOTATIONS.stoppedAt]: null } };

/**
 * A person pauses one. One that stop-all has paused becomes theirs: resume-all leaves it.
 * @throws CliError where there is nothing left to pause.
 */
export function pauseOne(objective: Objective): ControlChange | undefined {
  const { metadata, spec, status } = objective;
  if (hasEnded(objective)) throw new CliError(`${metadata.name} has ended already: ${status?.phase}`);
  if (spec?.desiredState === 'Aborted') throw new CliError(`${metadata.name} is being aborted`);
  if (spec?.desiredState === 'Paused' && markOf(objective) === undefined) return undefined;
  return { spec: { desiredState: 'Paused' }, ...unmark(objective) };
}

/** A person lets one go on, whoever paused it. @throws CliError where it is aborted for ever. */
export function resumeOne(objective: Objective): ControlChange | undefined {
  const { metadata, spec } = objective;
  if (spec?.desiredState === 'Aborted') {
    throw new CliError(`${metadata.name} is aborted for ever: carnival rerun ${metadata.name} makes a fresh copy`);
  }
  return spec?.desiredState === 'Paused' ? { spec: { desiredState: 'Running' }, ...unmark(objective) } : undefined;
}

/** stop-all pauses what runs, and marks it. */
export function stopOne(objective: Objective, at: string): ControlChange | undefined {
  const { desiredState } = objective.spec ?? {};
  if (hasEnded(objective) || (desiredState !== undefined && desiredState !== 'Running')) return undefined;
  return { spec: { desiredState: 'Paused' }, annotations: { [ANNOTATIONS.stoppedAt]: at } };
}

/** resume-all lets go on what stop-all has paused, unless somebody else has set desiredState since. */
export function resumeStopped(objective: Objective): ControlChange | undefined {
  if (objective.spec?.desiredState !== 'Paused' || markOf(objective) === undefined) return undefined;
  const owners = ownersOf(objective, 'desiredState');
  if (owners.some((manager) => manager !== FIELD_MANAGERS.control)) return undefined;
  return { spec: { desiredState: 'Running' }, annotations: { [ANNOTATIONS.stoppedAt]: null } };
}
