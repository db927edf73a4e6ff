export * from './heartbeat.ts';
export * from './lease.ts';
export * from './ringmaster.ts';
export * from './waiting-room.ts';
