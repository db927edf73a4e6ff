import type { WagonPhase, WagonSpec } from '@dark-carnival/crds';

/** What is known of a wagon's life when it is judged. */
export interface LifeFacts {
  spec: Pick<WagonSpec, 'runtime' | 'scheduling' | 'evictAfterSeconds'>;
  /** Phase that status has. */
  phase: WagonPhase | undefined;
  /** Age by our own clock; counts from our start, and from our own stalls. */
  ageMs: number;
  /** A heartbeat came since this process started. */
  heard: boolean;
  /** What `/healthz` said just now; undefined where it was not asked. */
  probe: 'alive' | 'unreachable' | undefined;
}

export interface LifeVerdict {
  phase: WagonPhase;
  reason: string;
  message: string;
}

/** Runtimes that this controller can look after today. */
const INSTALLED_RUNTIMES: readonly WagonSpec['runtime']['type'][] = ['Process', 'External'];

export const isInstalled = ({ runtime }: Pick<WagonSpec, 'runtime'>): boolean =>
  INSTALLED_RUNTIMES.includes(runtime.type);

/** Whether the wagon has been silent for its time, so that it has to be asked before it is called stale. */
export const isSilent = ({ spec, ageMs }: Pick<LifeFacts, 'spec' | 'ageMs'>): boolean =>
  ageMs >= spec.evictAfterSeconds * 1000;

/**
 * Judges a wagon. What was declared is repaired by whoever runs it and never evicted. Silence makes it stale even where it still answers: without
 * heartbeats its lease lapses, and it would take work only to let it lie.
 */
export function judgeLife(facts: LifeFacts): LifeVerdict {
  const { spec, phase, heard, probe } = facts;
  if (!isInstalled(spec)) {
    const message = `Wagons of type ${spec.runtime.type} are not installed; use External or Process.`;
    return { phase: 'Failed', reason: 'RuntimeNotInstalled', message };
  }
  if (!isSilent(facts)) return heard ? present(spec) : unheard(phase);
  if (phase === undefined || phase === 'Provisioning') return { ...PROVISIONING, phase: 'Provisioning' };
  return probe === 'alive'
    ? {
        phase: 'Stale',
        reason: 'NoHeartbeat',
        message: 'It answers, but sends no heartbeats: look at its RINGMASTER_URL and token.',
      }
    : { phase: 'Stale', reason: 'Unreachable', message: 'It sends no heartbeats and does not answer.' };
}

function present({ scheduling }: Pick<WagonSpec, 'scheduling'>): LifeVerdict {
  switch (scheduling) {
    case 'Draining':
      return { phase: 'Draining', reason: 'Draining', message: 'It takes no new work, and hands over what it has.' };
    case 'Cordoned':
      return { phase: 'Ready', reason: 'Cordoned', message: 'It finishes what it hosts and takes no new Objective.' };
    default:
      return { phase: 'Ready', reason: 'Heartbeat', message: 'It sends heartbeats.' };
  }
}

const PROVISIONING = { reason: 'NoHeartbeatYet', message: 'It has not been heard yet: is it started, with its token?' };

/** After a start of the controller nobody has been heard: what status says is believed for as long as a heartbeat may take. */
function unheard(phase: WagonPhase | undefined): LifeVerdict {
  const known = phase === 'Failed' || phase === undefined ? 'Provisioning' : phase;
  if (known === 'Provisioning') return { phase: known, ...PROVISIONING };
  return {
    phase: known,
    reason: 'AwaitingHeartbeat',
    message: 'The controller has just started and waits for its heartbeat.',
  };
}
