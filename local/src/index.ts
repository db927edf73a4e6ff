export { type LocalServer, type LocalServerOptions, startLocalServer } from './start-local-server.ts';
export { LogInUseError } from './store/sqlite-log.ts';
