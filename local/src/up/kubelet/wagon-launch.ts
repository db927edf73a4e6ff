import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { canonicalJson, type Wagon } from '@dark-carnival/crds';
import { NAMESPACE } from '../engine/resources.ts';

/** What a wagon's process is started with, apart from its token and the address of the hub. */
export interface WagonLaunch {
  namespace: string;
  name: string;
  nodeID: string;
  port: number;
  env: Readonly<Record<string, string>>;
  /** Changes when a running process no longer fits its object. */
  digest: string;
}

/**
 * Decides whether a Wagon is ours to run, and how. Pure. One that is Draining runs on: the controller gives it no work, and its vault has to be
 * read until its object is deleted.
 * @param folder that holds the data of all wagons.
 * @returns undefined for another runtime, and for one that is being deleted.
 */
export function launchOf(wagon: Wagon, folder: string): WagonLaunch | undefined {
  const { metadata, spec } = wagon;
  const { name, namespace = NAMESPACE } = metadata;
  const port = spec?.runtime?.process?.port;
  if (spec?.runtime?.type !== 'Process' || port === undefined || metadata.deletionTimestamp) {
    return undefined;
  }
  const env = {
    NODE_ID: spec.nodeID,
    NODE_ROLE: spec.role,
    HOST: '127.0.0.1',
    PORT: String(port),
    CARNIVAL_NAMESPACE: namespace,
    CARNIVAL_DATA: join(folder, folderOf(namespace, name)),
    MAX_CONCURRENT_JOBS: String(spec.maxConcurrentJobs ?? 2),
  };
  // An object made anew under the same name has another token.
  const digest = createHash('sha256')
    .update(canonicalJson({ env, uid: metadata.uid }))
    .digest('hex');
  return { namespace, name, nodeID: spec.nodeID, port, env, digest };
}

/** Names have no underscore, so no two wagons share a folder. */
function folderOf(namespace: string, name: string): string {
  return namespace === NAMESPACE ? name : `${namespace}_${name}`;
}
