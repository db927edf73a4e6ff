export * from './wagon-telemetry.ts';
