import { LEADER_LEASE, OBJECTIVE_PHASES, type Objective, WAGON_PHASES, type Wagon } from '@dark-carnival/crds';
import { type Meter, oneOf } from '@dark-carnival/telemetry';

/** The caches, as far as they are counted. */
export interface FleetState {
  objectives: { store: { values(): Iterable<Objective> } };
  wagons: { store: { values(): Iterable<Wagon> } };
  isLeader: () => boolean;
}

/** Counts the fleet when somebody asks, from the caches: every replica has them, so a dashboard takes the largest. */
export function measureFleet(meter: Meter, { objectives, wagons, isLeader }: FleetState): void {
  meter.gauge(
    {
      name: 'carnival_objectives',
      help: 'Objectives by phase; one that nobody has looked at yet is Pending.',
      labels: { phase: oneOf(OBJECTIVE_PHASES) },
    },
    (set) => {
      for (const phase of OBJECTIVE_PHASES) set(0, phase);
      for (const { status } of objectives.store.values()) set(1, status?.phase ?? 'Pending');
    },
  );
  meter.gauge(
    {
      name: 'carnival_objectives_awaiting_human_oldest_seconds',
      help: 'Age of the oldest question that waits for a person; 0 where none does.',
    },
    (set) => set(oldestQuestion(objectives.store.values(), Date.now())),
  );
  meter.gauge({ name: 'carnival_wagons', help: 'Wagons by phase.', labels: { phase: oneOf(WAGON_PHASES) } }, (set) => {
    for (const phase of WAGON_PHASES) set(0, phase);
    for (const { status } of wagons.store.values()) set(1, status?.phase ?? 'Provisioning');
  });
  meter.gauge(
    {
      name: 'leader_election_master_status',
      help: '1 where this process leads, else 0.',
      labels: { name: oneOf([LEADER_LEASE]) },
    },
    (set) => set(Number(isLeader()), LEADER_LEASE),
  );
}

function oldestQuestion(objectives: Iterable<Objective>, now: number): number {
  let oldest = now;
  for (const { status } of objectives) {
    const at = status?.approvalRequest?.requestedAt;
    if (at !== undefined) oldest = Math.min(oldest, Date.parse(at));
  }
  return (now - oldest) / 1000;
}
