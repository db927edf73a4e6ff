import { type ObjectiveStatus, SEATS, type Seat } from '@dark-carnival/crds';
import type { Snapshot } from '../snapshot.ts';
import { chainsOf } from './provider-chains.ts';

/** Whether different models met, and which. */
export interface SeatModels {
  distinct: boolean;
  /** Each once, in the order of the seats, for people. */
  models: string;
}

/**
 * The models of the three seats: of a seat that spoke the one that answered last, of one that did not yet the one that its chain begins with. Undefined
 * where there is nothing to compare: a Single debate, one that was never assigned, or seats of which nobody ever answered.
 */
export function seatModels(snapshot: Snapshot, status: ObjectiveStatus): SeatModels | undefined {
  const { debate } = snapshot.objective.spec;
  if (debate.mode !== 'Debate' || status.debate === undefined) return undefined;
  const heard = modelsHeard(status);
  const goesOn = status.phase === 'Scheduled' || status.phase === 'Debating';
  const expected = goesOn ? modelsExpected(snapshot) : new Map<Seat, string>();
  const models = SEATS.map((seat) => heard.get(seat) ?? expected.get(seat)).filter((model) => model !== undefined);
  const names = [...new Set(models)];
  return names.length === 0 ? undefined : { distinct: names.length > 1, models: names.join(', ') };
}

function modelsHeard({ debate }: ObjectiveStatus): Map<Seat, string> {
  const heard = new Map<Seat, string>();
  // A turn that failed has no digest: what was answered was no contribution.
  for (const { seat, sha256, model, provider } of debate?.turns ?? []) {
    const name = model === undefined || model === '' ? provider : model;
    if (sha256 !== undefined && name !== undefined) heard.set(seat, name);
  }
  return heard;
}

/** What a model is called where nobody said: by its provider, as with an Ollama that is asked for its newest. */
function modelsExpected(snapshot: Snapshot): Map<Seat, string> {
  const resolved = chainsOf(snapshot);
  if (resolved.outcome === 'refused') return new Map();
  const own = new Map(snapshot.providers.map(({ name, model }) => [name, model]));
  return new Map(
    SEATS.flatMap((seat): [Seat, string][] => {
      const { providers, model } = resolved.chains[seat];
      const [first] = providers;
      const name = model ?? (first === undefined ? undefined : (own.get(first) ?? first));
      return name === undefined ? [] : [[seat, name]];
    }),
  );
}
