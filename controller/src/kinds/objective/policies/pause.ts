import type { ObjectiveStatus } from '@dark-carnival/crds';

/** Reason of Ready while `desiredState` is Paused and the Objective has not ended. */
export const PAUSED_REASON = 'Paused';

/** Whether a status was written under a pause. */
export const showsPaused = ({ conditions }: ObjectiveStatus): boolean =>
  conditions?.some(({ type, reason }) => type === 'Ready' && reason === PAUSED_REASON) ?? false;
