/** What the hub has told: wagons and Objectives by name. The views read it; only the stream writes it. */
export const store = {
  /** @type {Map<string, any>} */
  wagons: new Map(),
  /** @type {Map<string, any>} */
  objectives: new Map(),
};

/** A new stream tells everything anew: what it does not tell is gone. */
export function begin() {
  store.wagons.clear();
  store.objectives.clear();
}

/** @returns the names of the Objectives that changed. */
export function take(delta) {
  for (const wagon of delta.wagons) {
    // An evicted wagon has left the wall; its next heartbeat brings it back.
    if (wagon.phase === 'Evicted') store.wagons.delete(wagon.name);
    else store.wagons.set(wagon.name, { ...wagon, toldAt: performance.now() });
  }
  for (const name of delta.goneWagons) store.wagons.delete(name);
  for (const objective of delta.objectives) store.objectives.set(objective.name, objective);
  for (const name of delta.goneObjectives) store.objectives.delete(name);
  return [...delta.objectives.map(({ name }) => name), ...delta.goneObjectives];
}

/** Ages of heartbeats that a pulse carries. */
export function takeAges(ages) {
  for (const [name, seconds] of Object.entries(ages)) {
    const wagon = store.wagons.get(name);
    if (wagon) Object.assign(wagon, { heartbeatAgeSeconds: seconds, toldAt: performance.now() });
  }
}

/** Seconds since a wagon was last heard; undefined where it never was. */
export function heartbeatAge(wagon) {
  if (wagon.heartbeatAgeSeconds === undefined) return undefined;
  return wagon.heartbeatAgeSeconds + (performance.now() - wagon.toldAt) / 1000;
}
