import { statSync } from 'node:fs';
import { join } from 'node:path';
import { JOB_FAILURES, type ProviderHealth } from '@dark-carnival/crds';
import { atMost, type Counter, type Histogram, type Meter, oneOf } from '@dark-carnival/telemetry';
import type { JobRecord } from '../journal/job-record.ts';

/** What of the wagon is looked up when somebody asks. */
export interface WagonState {
  jobs: () => { running: number; capacity: number };
  unfinishedJobs: () => number;
  vault: () => { files: number; bytes: number };
  providers: () => readonly ProviderHealth[];
  /** Seconds that the lease is still held; undefined for a lone wagon, which needs none. */
  leaseSeconds: () => number | undefined;
  journalFolder: string;
}

const JOB_BUCKETS = [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 3600];

/** The wagon itself: jobs, lease, journal, vault, providers. */
export class WagonMetrics {
  readonly #finished: Counter;
  readonly #duration: Histogram;

  constructor(meter: Meter, state: WagonState) {
    const kind = oneOf(['debate', 'task']);
    this.#finished = meter.counter({
      name: 'carnival_wagon_jobs_finished_total',
      help: 'Jobs that ended, by what they were and how they ended.',
      labels: {
        kind,
        state: oneOf(['Succeeded', 'Failed', 'Cancelled']),
        reason: oneOf(['', ...Object.keys(JOB_FAILURES)]),
      },
    });
    this.#duration = meter.histogram(
      {
        name: 'carnival_wagon_job_duration_seconds',
        help: 'Time from the first start of a job to its end, restarts of the wagon included.',
        labels: { kind, state: oneOf(['Succeeded', 'Failed', 'Cancelled']) },
      },
      JOB_BUCKETS,
    );
    describeState(meter, state);
  }

  ended({ id, state, reason = '', startedAt, finishedAt }: JobRecord): void {
    const kind = id.split('.')[1] ?? '';
    this.#finished.add(1, kind, state, state === 'Failed' ? reason : '');
    if (startedAt === undefined || finishedAt === undefined) return;
    this.#duration.observe((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000, kind, state);
  }
}

function describeState(meter: Meter, state: WagonState): void {
  const gauge = (name: string, help: string, value: () => number | undefined) =>
    meter.gauge({ name, help }, (set) => {
      const now = value();
      if (now !== undefined) set(now);
    });
  gauge('carnival_wagon_jobs_running', 'Jobs that hold a slot.', () => state.jobs().running);
  gauge('carnival_wagon_jobs_capacity', 'Slots for jobs.', () => state.jobs().capacity);
  gauge(
    'carnival_wagon_jobs_unfinished',
    'Jobs in the journal that have not ended, held ones included.',
    state.unfinishedJobs,
  );
  gauge(
    'carnival_wagon_lease_held',
    '1 while the ringmaster lets this wagon work, else 0; absent for a lone wagon.',
    () => {
      const left = state.leaseSeconds();
      return left === undefined ? undefined : Number(left > 0);
    },
  );
  gauge(
    'carnival_wagon_lease_remaining_seconds',
    'Time until the lease lapses unless it is renewed.',
    state.leaseSeconds,
  );
  gauge('carnival_wagon_journal_bytes', 'Size of the journal, with what is not yet merged into it.', () =>
    bytesOf(state.journalFolder),
  );
  gauge('carnival_wagon_vault_files', 'Files in the vault.', () => state.vault().files);
  gauge('carnival_wagon_vault_bytes', 'Bytes in the vault.', () => state.vault().bytes);
  meter.gauge(
    {
      name: 'carnival_wagon_provider_up',
      help: '1 for a provider that may be asked now, 0 for one that may not; the reason is that of its condition.',
      labels: { provider: atMost(48), reason: atMost(32) },
    },
    (set) => {
      for (const { name, healthy, reason } of state.providers()) set(Number(healthy === 'True'), name, reason ?? '');
    },
  );
}

function bytesOf(folder: string): number {
  const size = (suffix: string) => statSync(join(folder, `journal.db${suffix}`), { throwIfNoEntry: false })?.size ?? 0;
  return size('') + size('-wal');
}
