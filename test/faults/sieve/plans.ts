import type { Fault, NotificationFault } from '@dark-carnival/local/simulator';
import type { OrderFault, WakeFault } from './wagon-line.ts';

/** One thing that goes wrong in one run of a story. */
export type Plan =
  | { at: 'write'; nth: number; fault: Fault }
  | { at: 'order'; nth: number; fault: OrderFault }
  | { at: 'notification'; nth: number; fault: NotificationFault }
  | { at: 'wake'; nth: number; fault: WakeFault };

/** What a run without faults consists of: the places at which something can go wrong. */
export interface Reference {
  writes: readonly string[];
  orders: readonly string[];
  notifications: readonly string[];
  wakes: readonly string[];
}

const WRITE_FAULTS: readonly Fault[] = ['crashBefore', 'crashAfter', 'appliedButLost', 'drop', 'duplicate'];
const ORDER_FAULTS: readonly OrderFault[] = ['crashBefore', 'crashAfter', 'appliedButLost', 'drop', 'duplicate'];
const NOTIFICATION_FAULTS: readonly NotificationFault[] = [
  'break',
  'forget',
  'duplicate',
  'freeze',
  'merge',
  { delayMs: 3_000 },
];
const WAKE_FAULTS: readonly WakeFault[] = ['drop', 'duplicate', 'freeze', { delayMs: 3_000 }];

/** Every fault at every place. */
export function allPlans({ writes, orders, notifications, wakes }: Reference): Plan[] {
  return [
    ...each(writes, WRITE_FAULTS).map((plan) => ({ at: 'write' as const, ...plan })),
    ...each(orders, ORDER_FAULTS).map((plan) => ({ at: 'order' as const, ...plan })),
    ...each(notifications, NOTIFICATION_FAULTS).map((plan) => ({ at: 'notification' as const, ...plan })),
    ...each(wakes, WAKE_FAULTS).map((plan) => ({ at: 'wake' as const, ...plan })),
  ];
}

function each<F>(places: readonly string[], faults: readonly F[]): { nth: number; fault: F }[] {
  return places.flatMap((_, index) => faults.map((fault) => ({ nth: index + 1, fault })));
}

/** A plan in words: `crashAfter at write 4 (patch objectives/status default/show)`. */
export function inWords({ at, nth, fault }: Plan, reference: Reference): string {
  const places = {
    write: reference.writes,
    order: reference.orders,
    notification: reference.notifications,
    wake: reference.wakes,
  };
  const how = typeof fault === 'string' ? fault : JSON.stringify(fault);
  return `${how} at ${at} ${nth} (${places[at][nth - 1] ?? '?'})`;
}
