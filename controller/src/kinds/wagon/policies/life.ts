import { STALE_CHECK_SECONDS, type WagonPhase, type WagonSpec } from '@dark-carnival/crds';

/** What is known of a wagon's life when it is judged. Ages are of our own monotonic clock. */
export interface LifeFacts {
  spec: Pick<WagonSpec, 'runtime' | 'scheduling' | 'evictAfterSeconds'>;
  /** It came by itself, with a join token; else somebody declared it. */
  selfRegistered: boolean;
  /** Its token is of a wagon that registered itself under this name, while the object was declared by somebody else. */
  foreignToken: boolean;
  /** Phase that status has. */
  phase: WagonPhase | undefined;
  /** Reason and message of Ready that status has. */
  said: Pick<LifeVerdict, 'reason' | 'message'> | undefined;
  /** Since it was heard; counts from our start at the latest, and from our own stalls. */
  ageMs: number;
  /** Since a heartbeat really came; undefined where none came since this process started. */
  heardAgoMs: number | undefined;
  /** Since this process first looked at the object. */
  knownForMs: number;
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

const NOT_HEARD_YET: LifeVerdict = {
  phase: 'Provisioning',
  reason: 'NoHeartbeatYet',
  message: 'It has not been heard yet: is it started, with its token?',
};
const EVICTED: LifeVerdict = {
  phase: 'Evicted',
  reason: 'Evicted',
  message: 'It was silent and did not answer, twice. Its next heartbeat brings it back.',
};
const ANSWERS_ONLY: LifeVerdict = {
  phase: 'Stale',
  reason: 'NoHeartbeat',
  message: 'It answers, but sends no heartbeats: look at its RINGMASTER_URL and token.',
};
const UNREACHABLE: LifeVerdict = {
  phase: 'Stale',
  reason: 'Unreachable',
  message: 'It sends no heartbeats and does not answer.',
};

/**
 * Judges a wagon. What was declared is repaired by whoever runs it and never evicted. Silence makes it stale even where it still answers: without
 * heartbeats its lease lapses, and it would take work only to let it lie.
 */
export function judgeLife(facts: LifeFacts): LifeVerdict {
  const { spec, heardAgoMs } = facts;
  if (!isInstalled(spec)) {
    const message = `Wagons of type ${spec.runtime.type} are not installed; use External or Process.`;
    return { phase: 'Failed', reason: 'RuntimeNotInstalled', message };
  }
  if (facts.foreignToken) {
    const message =
      'Its token was issued to a wagon that joined under this name: delete the Secret with the token, and this one gets its own.';
    return { phase: 'Failed', reason: 'TokenOfAnotherWagon', message };
  }
  // Only a heartbeat brings back what is stale: that we have slept ourselves is no sign of its life.
  if (heardAgoMs !== undefined && heardAgoMs < spec.evictAfterSeconds * 1000) return present(spec);
  return isSilent(facts) ? silent(facts) : unheard(facts);
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

/** After a start or a stall of the controller nobody has been heard: what status says is believed for as long as a heartbeat may take. */
function unheard({ phase, said, spec }: LifeFacts): LifeVerdict {
  switch (phase) {
    case 'Ready':
    case 'Draining':
      return present(spec);
    case 'Stale':
      return { ...UNREACHABLE, ...said };
    case 'Evicted':
      return EVICTED;
    default:
      return NOT_HEARD_YET;
  }
}

function silent(facts: LifeFacts): LifeVerdict {
  const { phase, selfRegistered, probe, spec, knownForMs } = facts;
  if (phase === 'Evicted' && selfRegistered) return EVICTED;
  const isNew = phase === undefined || phase === 'Provisioning' || phase === 'Failed';
  // Somebody may take a day to start what they declared. What came by itself was there when its object was made.
  if (isNew && !(selfRegistered && knownForMs >= spec.evictAfterSeconds * 1000)) return NOT_HEARD_YET;
  return mayEvict(facts) ? EVICTED : probe === 'alive' ? ANSWERS_ONLY : UNREACHABLE;
}

/** Rounds between stale and evicted. A wagon that was stopped or cut off for 40 s is heard again within 62 s of its last heartbeat. */
const EVICTION_ROUNDS = 2;

/**
 * A wagon that registered itself is evicted at the first check that is two rounds (30 s) after it could be called stale, if it then neither sends heartbeats
 * nor answers: failed probes in two rounds at least, and never within the grace of our own start or stall.
 */
function mayEvict({ phase, selfRegistered, probe, ageMs, spec }: LifeFacts): boolean {
  const due = (spec.evictAfterSeconds + EVICTION_ROUNDS * STALE_CHECK_SECONDS) * 1000;
  return selfRegistered && phase === 'Stale' && probe !== 'alive' && ageMs >= due;
}
