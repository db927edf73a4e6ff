import type { Objective, Wagon } from '@dark-carnival/crds';
import { anObjective, aWagon, FakeClock } from '@dark-carnival/crds/testing';
import { Meter } from '@dark-carnival/telemetry';
import { parseExposition, sampleOf } from '@dark-carnival/telemetry/testing';
import { describe, expect, it } from 'vitest';
import { startTestHub } from '../../testing/hub/test-hub.ts';
import { Controller } from '../runtime/controller.ts';
import { silentLogger } from '../runtime/logger.ts';
import { TransientError, WaitingError } from '../runtime/reconcile-errors.ts';
import { measureFleet } from './fleet-metrics.ts';
import { ObjectiveMetrics } from './objective-metrics.ts';
import { measureControllers } from './reconcile-metrics.ts';

describe('the metrics of controllers', () => {
  it('are those of controller-runtime, with what each reconcile came to', async () => {
    const clock = new FakeClock();
    const ends: Record<string, () => Promise<undefined>> = {
      good: async () => undefined,
      bad: async () => {
        throw new Error('no');
      },
      later: async () => {
        throw new WaitingError('NotYet', 'later', { afterMs: 60_000 });
      },
      race: async () => {
        throw new TransientError('Conflict', 'lost', { silent: true });
      },
    };
    const controller = new Controller({
      name: 'juggle',
      reconcile: async (key) => ends[key]?.(),
      sources: [],
      clock,
      logger: silentLogger,
      isLeader: () => true,
    });
    const meter = new Meter();
    measureControllers(meter, [controller]);
    controller.activate();
    for (const key of Object.keys(ends)) controller.enqueue(key);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    const { body } = await meter.expose();
    await controller.deactivate();
    const total = (result: string) =>
      sampleOf(body, 'controller_runtime_reconcile_total', { controller: 'juggle', result });
    expect([total('success'), total('error'), total('requeue_after'), total('requeue')]).toEqual([1, 1, 1, 1]);
    expect(sampleOf(body, 'controller_runtime_reconcile_errors_total')).toBe(1);
    expect(sampleOf(body, 'controller_runtime_reconcile_time_seconds_count', { controller: 'juggle' })).toBe(4);
    expect(sampleOf(body, 'workqueue_adds_total', { name: 'juggle' })).toBe(4);
    expect(sampleOf(body, 'workqueue_retries_total', { name: 'juggle' })).toBe(2);
    expect(sampleOf(body, 'workqueue_queue_duration_seconds_count', { name: 'juggle' })).toBe(4);
    expect(sampleOf(body, 'workqueue_depth', { name: 'juggle' })).toBe(0);
    expect(sampleOf(body, 'controller_runtime_max_concurrent_reconciles')).toBe(8);
  });
});

describe('the metrics of the fleet', () => {
  const objectiveIn = (name: string, status: Objective['status']): Objective => ({
    ...anObjective({ metadata: { name, namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' } }),
    ...(status ? { status } : {}),
  });

  it('count Objectives and wagons by phase, and the oldest question', async () => {
    const meter = new Meter();
    const requestedAt = new Date(Date.now() - 90_000).toISOString();
    const planHash = `sha256:${'0'.repeat(64)}`;
    const approvalRequest = { id: 'q', planHash, requestedAt, feedbackLeft: 5, forecast: { tokens: 1 } };
    const objectives = [
      objectiveIn('a', undefined),
      objectiveIn('b', { phase: 'AwaitingHuman', approvalRequest }),
      objectiveIn('c', { phase: 'Completed' }),
      objectiveIn('d', { phase: 'Completed' }),
    ];
    const wagons: Wagon[] = [
      { ...aWagon(), status: { phase: 'Ready' } },
      { ...aWagon(), status: {} as NonNullable<Wagon['status']> },
    ];
    measureFleet(meter, {
      objectives: { store: { values: () => objectives } },
      wagons: { store: { values: () => wagons } },
      isLeader: () => true,
    });
    const { body } = await meter.expose();
    const objectivesIn = (phase: string) => sampleOf(body, 'carnival_objectives', { phase });
    expect([
      objectivesIn('Pending'),
      objectivesIn('AwaitingHuman'),
      objectivesIn('Completed'),
      objectivesIn('Failed'),
    ]).toEqual([1, 1, 2, 0]);
    expect(sampleOf(body, 'carnival_wagons', { phase: 'Ready' })).toBe(1);
    expect(sampleOf(body, 'carnival_wagons', { phase: 'Provisioning' })).toBe(1);
    expect(sampleOf(body, 'carnival_objectives_awaiting_human_oldest_seconds')).toBeGreaterThanOrEqual(90);
    expect(sampleOf(body, 'leader_election_master_status')).toBe(1);
  });

  it('count tokens, dollars, decisions and ends once, by what each write adds', async () => {
    const meter = new Meter();
    const metrics = new ObjectiveMetrics(meter);
    const usage = (totalTokens: number, costUSD: string) => ({
      ...{ inputTokens: totalTokens - 10, outputTokens: 10, totalTokens, costUSD, calls: 1, unsettled: 0 },
    });
    const first = objectiveIn('a', { phase: 'Debating', usage: usage(100, '0.5') });
    const second = objectiveIn('a', {
      phase: 'Completed',
      usage: usage(150, '0.75'),
      completionTime: '2026-01-01T00:01:00Z',
    });
    metrics.wrote(objectiveIn('a', undefined), first);
    metrics.wrote(first, second);
    metrics.wrote(second, second);
    const { body } = await meter.expose();
    expect(sampleOf(body, 'carnival_tokens_total', { type: 'input' })).toBe(140);
    expect(sampleOf(body, 'carnival_tokens_total', { type: 'output' })).toBe(10);
    expect(sampleOf(body, 'carnival_cost_usd_total')).toBe(0.75);
    expect(sampleOf(body, 'carnival_objective_transitions_total', { phase: 'Completed' })).toBe(1);
    expect(sampleOf(body, 'carnival_objective_duration_seconds_sum', { phase: 'Completed' })).toBe(60);
  });
});

describe('the metrics of the hub', () => {
  it('are for whoever may get the path, and count by route, whatever paths are asked for', async () => {
    const hub = await startTestHub({ metrics: new Meter() });
    try {
      for (let index = 0; index < 300; index += 1) await hub.ask(`/no-such-"path-${index}`);
      await hub.ask('/api/objectives/some-name');
      expect((await fetch(`${hub.hub.url}/metrics`)).status).toBe(401);
      const answer = await hub.ask('/metrics');
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      const body = await answer.text();
      const { samples = [] } = parseExposition(body).get('carnival_hub_requests_total') ?? {};
      expect(samples.length).toBeLessThan(6);
      expect(sampleOf(body, 'carnival_hub_requests_total', { route: 'none', code: '404' })).toBe(300);
      expect(sampleOf(body, 'carnival_hub_requests_total', { route: '/api/objectives/:name' })).toBe(1);
      expect(sampleOf(body, 'carnival_hub_clients')).toBe(0);
    } finally {
      await hub.close();
    }
  });
});
