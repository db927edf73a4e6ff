import { seeded } from '@dark-carnival/local/simulator';
import type { Fleet, FleetWagon } from './fleet.ts';
import type { Link } from './link.ts';
import type { Victim } from './victim.ts';

/** One thing that is done to the fleet. */
export interface Blow {
  /** For people, and to have the same again: `kill lxc-one, up after 800 ms`. */
  words: string;
  /** How long the fleet is left alone before it. */
  afterMs: number;
  strike: (fleet: Fleet) => Promise<void>;
}

interface Row {
  seed: number;
  count: number;
  freezes: boolean;
}

/** When a call of a model may have been lost: wagons that were killed, frozen or cut off. */
export interface Outage {
  readonly from: number;
  until: number;
}

const HOUR_MS = 3_600_000;
const FREEZE_MS = 40_000;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A seeded row of blows, one after the other: a machine that is lost while another is away may take with it what only the two knew. Where it `freezes`, a
 * row begins with a wagon that is frozen for 40 s, which is longer than the 35 s after which its work is given away.
 */
export function rowOfBlows({ seed, count, freezes }: Row, outages: Outage[]): Blow[] {
  const random = seeded(seed);
  const between = (min: number, max: number) => Math.round(min + random() * (max - min));
  const blows = freezes ? [freezeWagon(between(0, 2), outages)] : [];
  const kinds = [
    killWagon,
    killWagon,
    killController,
    killController,
    killApi,
    cutApi,
    cutOrders,
    cutBeats,
    slowApi,
    shiftClock,
    freezeController,
  ];
  while (blows.length < count) {
    const make = kinds[between(0, kinds.length - 1)];
    if (make) blows.push(make({ wagon: between(0, 2), ms: between(200, 3_000), outages, up: random() < 0.5 }));
  }
  return blows.map((blow) => ({ ...blow, afterMs: between(500, 3_000) }));
}

interface Dice {
  wagon: number;
  ms: number;
  up: boolean;
  outages: Outage[];
}

type Blown = Omit<Blow, 'afterMs'>;

async function during(outages: Outage[], work: () => Promise<unknown>): Promise<void> {
  const outage = { from: performance.now(), until: Number.POSITIVE_INFINITY };
  outages.push(outage);
  await work();
  outage.until = performance.now();
}

async function killFor(victim: Victim | undefined, ms: number): Promise<void> {
  await victim?.kill();
  await wait(ms);
  await victim?.start();
}

function wagonOf({ wagons }: Fleet, at: number): FleetWagon {
  const wagon = wagons[at];
  if (!wagon) throw new Error(`no wagon ${at}`);
  return wagon;
}

function freezeWagon(at: number, outages: Outage[]): Blown {
  return {
    words: `freeze wagon ${at + 1} for 40 s`,
    strike: async (fleet) => {
      const { victim } = wagonOf(fleet, at);
      await during(outages, async () => {
        victim.freeze();
        await wait(FREEZE_MS);
        victim.thaw();
      });
    },
  };
}

const killWagon = ({ wagon, ms, outages }: Dice): Blown => ({
  words: `kill wagon ${wagon + 1}, up after ${ms} ms`,
  strike: (fleet) => during(outages, () => killFor(wagonOf(fleet, wagon).victim, ms)),
});

const killController = ({ ms }: Dice): Blown => ({
  words: `kill the controller, up after ${ms} ms`,
  strike: (fleet) => killFor(fleet.controller, ms),
});

const killApi = ({ ms }: Dice): Blown => ({
  words: `kill the API server, up after ${ms} ms`,
  strike: (fleet) => killFor(fleet.api, ms),
});

async function cutFor(link: Link, ms: number): Promise<void> {
  link.cut();
  await wait(ms);
  link.mend();
}

const cutApi = ({ ms }: Dice): Blown => ({
  words: `cut controller and API server for ${2 * ms} ms`,
  strike: (fleet) => cutFor(fleet.apiLink, 2 * ms),
});

const cutOrders = ({ wagon, ms }: Dice): Blown => ({
  words: `cut controller and wagon ${wagon + 1} for ${2 * ms} ms`,
  strike: (fleet) => cutFor(wagonOf(fleet, wagon).orders, 2 * ms),
});

const cutBeats = ({ wagon, ms }: Dice): Blown => ({
  words: `cut wagon ${wagon + 1} and hub for ${2 * ms} ms`,
  strike: (fleet) => cutFor(wagonOf(fleet, wagon).beats, 2 * ms),
});

const slowApi = ({ ms }: Dice): Blown => ({
  words: `slow controller and API server by 300 ms for ${ms} ms`,
  strike: async ({ apiLink }) => {
    apiLink.slow(300);
    await wait(ms);
    apiLink.mend();
  },
});

const shiftClock = ({ wagon, up }: Dice): Blown => ({
  words: `set the clocks of controller and wagon ${wagon + 1} ${up ? 'forward' : 'back'} by an hour`,
  strike: async (fleet) => {
    for (const victim of [fleet.controller, wagonOf(fleet, wagon).victim]) victim?.shiftClock(up ? HOUR_MS : -HOUR_MS);
  },
});

const freezeController = ({ ms }: Dice): Blown => ({
  words: `freeze the controller for ${2 * ms} ms`,
  strike: async ({ controller }) => {
    controller?.freeze();
    await wait(2 * ms);
    controller?.thaw();
  },
});
