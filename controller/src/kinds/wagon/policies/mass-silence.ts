/** Smaller fleets have no brake: half of two is one. */
const SMALLEST_FLEET = 5;
/** What falls silent within so long is silent at once. Wagons are looked at every 15 s, so one cause shows over some rounds. */
const AT_ONCE_MS = 60_000;
/** The brake holds no longer: then it was no accident. */
export const BRAKE_LIMIT_MS = 600_000;

interface Fleet {
  /** Monotonic time since when each silent wagon is, by name. */
  silentSince: Map<string, number>;
  /** Monotonic; undefined while the brake is off. */
  brakedAt: number | undefined;
}

/** What the brake says about a fleet. */
export interface Brake {
  /** How much longer deletion is held; 0 while the brake is off. */
  holdForMs: number;
  /** It went on with this very look. */
  justBegan: boolean;
  silent: number;
  fleet: number;
}

/**
 * The brake on deletion. When more than half of five or more wagons fall silent at once, the fault is more likely ours, or the network's, than theirs: then
 * their objects are kept for ten minutes at most, or until half of them are back. Work is given to others all the same. A fleet is the wagons of one namespace.
 */
export class MassSilence {
  readonly #fleets = new Map<string, Fleet>();

  /**
   * Notes whether a wagon is silent.
   * @param now monotonic, ms
   */
  note(namespace: string, name: string, isSilent: boolean, now: number): void {
    const fleet = this.#fleets.get(namespace) ?? { silentSince: new Map(), brakedAt: undefined };
    this.#fleets.set(namespace, fleet);
    if (!isSilent) fleet.silentSince.delete(name);
    else if (!fleet.silentSince.has(name)) fleet.silentSince.set(name, now);
  }

  /** The wagon is gone. */
  forget(namespace: string, name: string): void {
    const fleet = this.#fleets.get(namespace);
    fleet?.silentSince.delete(name);
    if (fleet?.silentSince.size === 0) this.#fleets.delete(namespace);
  }

  /**
   * Whether the brake is on, which begins now where it has to.
   * @param wagons how many there are in the namespace
   * @param now monotonic, ms
   */
  brake(namespace: string, wagons: number, now: number): Brake {
    const fleet = this.#fleets.get(namespace);
    if (!fleet) return { holdForMs: 0, justBegan: false, silent: 0, fleet: wagons };
    const since = [...fleet.silentSince.values()];
    const earliest = fleet.brakedAt === undefined ? now - AT_ONCE_MS : fleet.brakedAt - AT_ONCE_MS;
    const silent = since.filter((at) => at >= earliest).length;
    // Those who were silent long before do not count as fleet: they would make every accident look small.
    const size = wagons - since.length + silent;
    const isMass = size >= SMALLEST_FLEET && silent * 2 > size;
    const justBegan = isMass && fleet.brakedAt === undefined;
    if (!isMass) fleet.brakedAt = undefined;
    else fleet.brakedAt ??= now;
    const left = fleet.brakedAt === undefined ? 0 : fleet.brakedAt + BRAKE_LIMIT_MS - now;
    return { holdForMs: Math.max(0, left), justBegan, silent, fleet: size };
  }
}
