export { type Config, ConfigError, readConfig } from './config.ts';
export { type Ringmaster, type RingmasterOptions, startRingmaster } from './ringmaster.ts';
