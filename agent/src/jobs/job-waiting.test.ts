import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { aTaskAssignment } from '../../testing/assignments.ts';
import { aService, ended, until } from '../../testing/job-bench.ts';
import { RenewableLease } from '../lease/lease.ts';

describe('the lease', () => {
  it('holds calls back while it has lapsed, says so, and lets them go when it is renewed', async () => {
    const clock = new FakeClock();
    const lease = new RenewableLease(clock);
    const wagon = await aService({ clock, lease });
    const job = aTaskAssignment();
    wagon.service.put(job);
    await until(() => wagon.said.find((message) => message.includes('No word from the ringmaster')));
    expect(wagon.factory.calls).toHaveLength(0);
    lease.renew(25_000, { monotonic: clock.monotonic(), wall: clock.now() });
    expect(await ended(wagon, job)).toMatchObject({ state: 'Succeeded' });
  });

  it('holds the file back where it lapsed while the model was answering', async () => {
    const clock = new FakeClock();
    const lease = new RenewableLease(clock);
    const renew = () => lease.renew(25_000, { monotonic: clock.monotonic(), wall: clock.now() });
    renew();
    const wagon = await aService({ clock, lease });
    wagon.factory.instant = undefined;
    const job = aTaskAssignment();
    wagon.service.put(job);
    const call = await until(() => wagon.factory.calls[0]);
    await clock.advance(30_000);
    call.answer('Late.');
    await until(() => wagon.said.find((message) => message.includes('No word from the ringmaster')));
    await expect(wagon.vault.read('tide-chart/chart.md')).rejects.toMatchObject({ kind: 'absent' });
    renew();
    await ended(wagon, job);
    expect((await wagon.vault.read('tide-chart/chart.md')).content.toString()).toBe('Late.\n');
  });

  it('is not waited for without end', async () => {
    const clock = new FakeClock();
    const wagon = await aService({ clock, lease: new RenewableLease(clock) });
    const job = aTaskAssignment();
    wagon.service.put(job);
    await until(() => wagon.said[0]);
    await clock.advance(15 * 60_000);
    expect(await ended(wagon, job)).toMatchObject({ state: 'Failed', reason: 'Timeout' });
  });
});

describe('a wagon that has just started', () => {
  const realJob = () => aTaskAssignment({ task: { chain: { providers: ['kimi', 'rehearsal'], maxTokens: 100 } } });

  it('waits for its providers, which it holds in memory only, and lets no rehearsal stand in', async () => {
    const wagon = await aService();
    wagon.factory.digest = undefined;
    const job = realJob();
    wagon.service.put(job);
    await until(() => wagon.said.find((message) => message.includes('No providers were granted yet')));
    expect(wagon.factory.calls).toHaveLength(0);
    wagon.factory.digest = 'granted';
    wagon.granted.wakeAll();
    expect(await ended(wagon, job)).toMatchObject({ state: 'Succeeded' });
  });

  it('fails the job where nobody grants any', async () => {
    const clock = new FakeClock();
    const wagon = await aService({ clock });
    wagon.factory.digest = undefined;
    const job = realJob();
    wagon.service.put(job);
    await until(() => wagon.said[0]);
    await clock.advance(2 * 60_000);
    expect(await ended(wagon, job)).toMatchObject({
      state: 'Failed',
      reason: 'ProviderUnavailable',
      usage: { calls: 0 },
    });
  });

  it('needs none for a rehearsal', async () => {
    const wagon = await aService();
    wagon.factory.digest = undefined;
    wagon.service.put(aTaskAssignment());
    expect(await ended(wagon, aTaskAssignment())).toMatchObject({ state: 'Succeeded' });
  });
});
