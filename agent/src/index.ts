export { readConfig, StartError, type WagonConfig } from './config.ts';
export { startWagon, type Wagon, type WagonWorld } from './wagon.ts';
