import type { WriteOptions } from './api.ts';

/** What the API server itself writes is recorded under this name. */
export const API_SERVER = 'kube-apiserver';

/** What the garbage collector and the namespace controller write; in a cluster they run in that process. */
export const CONTROLLER_MANAGER = 'kube-controller-manager';

/** How the server makes objects of its own. */
export function ownWrite(): WriteOptions {
  return { dryRun: false, fieldValidation: 'Strict', fieldManager: API_SERVER, force: false, warnings: [] };
}
