export { readSettings, type WagonConfig } from './config.ts';
export { StartError } from './start-error.ts';
export { startWagon, type Wagon, type WagonWorld } from './wagon.ts';
