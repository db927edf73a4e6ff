export { type LocalServer, type LocalServerOptions, startLocalServer } from './start-local-server.ts';
export { LogInUseError, UnusableLogError } from './store/open-database.ts';
export { StorageError } from './store/storage-error.ts';
