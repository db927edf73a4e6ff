export { Faults, type FaultsOptions } from './faults.ts';
export { type NotificationFault, Notifications, type NotificationsOptions } from './notifications.ts';
export type { Operation } from './operation.ts';
export type { Fault, Rule, Verdict } from './rule.ts';
export { seeded } from './seeded.ts';
export { type Simulator, type SimulatorOptions, startSimulator, type TransportOptions } from './simulator.ts';
export { tellSeed } from './tell-seed.ts';
export type { Trace, TraceEntry } from './trace.ts';
