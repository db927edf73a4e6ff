/** How a reconcile ended, in controller-runtime's words. `requeue`: it lost a race, and is tried again. */
export type ReconcileResultName = 'success' | 'error' | 'requeue' | 'requeue_after';

/** Is told what a workqueue does. Called for every key: must not throw, and costs next to nothing. */
export interface WorkqueueListener {
  /** A key came in that did not wait already. */
  added(): void;
  /** A key comes again after its back-off. */
  retried(): void;
  /** A worker takes a key that has waited for so long. */
  taken(waitedMs: number): void;
}

/** Is told what a controller does, alike. */
export interface ControllerMetrics extends WorkqueueListener {
  reconciled(result: ReconcileResultName, tookMs: number): void;
}
