import { type Meter, oneOf } from '@dark-carnival/telemetry';
import type { Controller } from '../runtime/controller.ts';

/** As controller-runtime and client-go have them, so that dashboards made for those fit. */
const RECONCILE_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const QUEUE_BUCKETS = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];

/** Counts what controllers do, under the names of controller-runtime. */
export function measureControllers(meter: Meter, controllers: readonly Controller[]): void {
  const names = controllers.map(({ name }) => name);
  const controller = oneOf(names);
  const result = oneOf(['success', 'error', 'requeue', 'requeue_after']);
  const reconciles = meter.counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciles by result.',
    labels: { controller, result },
  });
  const errors = meter.counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Reconciles that failed.',
    labels: { controller },
  });
  const time = meter.histogram(
    {
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Length of time per reconcile.',
      labels: { controller },
    },
    RECONCILE_BUCKETS,
  );
  const adds = meter.counter({
    name: 'workqueue_adds_total',
    help: 'Keys that came into the queue.',
    labels: { name: controller },
  });
  const retries = meter.counter({
    name: 'workqueue_retries_total',
    help: 'Keys that come again after a failure.',
    labels: { name: controller },
  });
  const waited = meter.histogram(
    {
      name: 'workqueue_queue_duration_seconds',
      help: 'How long a key waits for a worker.',
      labels: { name: controller },
    },
    QUEUE_BUCKETS,
  );
  const worked = meter.histogram(
    {
      name: 'workqueue_work_duration_seconds',
      help: 'How long a worker is busy with a key.',
      labels: { name: controller },
    },
    QUEUE_BUCKETS,
  );
  for (const each of controllers) {
    const { name } = each;
    for (const outcome of ['success', 'error', 'requeue', 'requeue_after']) reconciles.touch(name, outcome);
    errors.touch(name);
    each.measure({
      added: () => adds.add(1, name),
      retried: () => retries.add(1, name),
      taken: (waitedMs) => waited.observe(waitedMs / 1000, name),
      reconciled: (how, tookMs) => {
        reconciles.add(1, name, how);
        if (how === 'error') errors.add(1, name);
        time.observe(tookMs / 1000, name);
        worked.observe(tookMs / 1000, name);
      },
    });
  }
  measureQueues(meter, controllers);
}

function measureQueues(meter: Meter, controllers: readonly Controller[]): void {
  const label = () => oneOf(controllers.map(({ name }) => name));
  const gauge = (name: string, help: string, labelName: string, value: (controller: Controller) => number) =>
    meter.gauge({ name, help, labels: { [labelName]: label() } }, (set) => {
      for (const controller of controllers) set(value(controller), controller.name);
    });
  gauge('workqueue_depth', 'Keys that wait for a worker.', 'name', (controller) => controller.stats().depth);
  gauge(
    'controller_runtime_active_workers',
    'Workers that are busy.',
    'controller',
    (controller) => controller.stats().processing,
  );
  gauge(
    'controller_runtime_max_concurrent_reconciles',
    'Workers that there are.',
    'controller',
    ({ workers }) => workers,
  );
  gauge(
    'carnival_controller_failing_objects',
    'Objects whose last reconcile failed.',
    'controller',
    (controller) => controller.stats().failing,
  );
  gauge(
    'carnival_controller_stuck_objects',
    'Objects whose reconcile ignores its signal.',
    'controller',
    (controller) => controller.stats().stuck,
  );
}
