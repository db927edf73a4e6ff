import type { StoredFile, VaultWrite } from '../vault/vault.ts';
import { awaitLease } from './await-lease.ts';
import type { JobContext, JobDeps } from './job-context.ts';

/**
 * Stores a file of a job while the lease is held, once: a file that the journal knows as committed is not written again, since people may have
 * changed it.
 * @throws VaultError; what `awaitLease` throws.
 */
export async function commitFile(
  context: JobContext,
  file: Pick<VaultWrite, 'path' | 'content' | 'origin'>,
  deps: JobDeps,
): Promise<StoredFile> {
  const { journal, vault, lease, emit } = deps;
  const { id, objective } = context.assignment;
  const known = journal.commits.find(id, file.path);
  if (known !== undefined) return known;
  for (;;) {
    await awaitLease(context, deps);
    const mayCommit = () => lease.held && !context.cancelled.aborted;
    const stored = await vault.write({ ...file, objective, mayCommit });
    if (stored === undefined) continue;
    journal.commits.record(id, file.path, stored);
    emit({ type: 'vault', action: 'written', file: stored.file, namespace: objective.namespace });
    return stored;
  }
}
