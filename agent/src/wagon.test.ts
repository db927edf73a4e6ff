import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Heartbeat, heartbeatSchema, vaultListSchema, type WagonEvent } from '@dark-carnival/crds';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aDebateAssignment, aTaskAssignment, OBJECTIVE } from '../testing/assignments.ts';
import { aWagon, codeOf, TOKEN } from '../testing/wagon-bench.ts';

async function take(events: AsyncGenerator<WagonEvent>, enough: (event: WagonEvent) => boolean): Promise<WagonEvent[]> {
  const seen: WagonEvent[] = [];
  for await (const event of events) {
    seen.push(event);
    if (enough(event)) break;
  }
  return seen;
}

describe('a lone wagon', () => {
  it('debates, does the tasks of its plan, and leaves files that can be read, deleted and brought back', async () => {
    const { client } = await aWagon();
    const debate = aDebateAssignment();
    expect((await client.putJob(debate)).status).toBe(201);
    const held = await client.jobEnd(debate.id);
    expect(held).toMatchObject({ state: 'Succeeded', inputsDigest: debate.inputsDigest });
    const { plan } = held.debate ?? {};
    if (plan === undefined) throw new Error('no plan');
    for (const task of plan.tasks) {
      const job = aTaskAssignment({ task: { task, planSummary: plan.summary } });
      expect((await client.putJob(job)).status).toBe(201);
      expect(await client.jobEnd(job.id)).toMatchObject({ state: 'Succeeded' });
    }
    const { files } = vaultListSchema.parse((await client.call('GET', '/api/completions')).json);
    expect(files).toHaveLength(plan.tasks.length);
    expect(files.every(({ rehearsal }) => rehearsal)).toBe(true);
    const all = vaultListSchema.parse((await client.call('GET', '/api/completions?all=1')).json);
    expect(all.files.map(({ file }) => file)).toContain('tide-chart/.debate/round-1.json');

    const url = `/api/completions/${files[0]?.file}`;
    const read = await client.call('GET', url);
    expect(read.status).toBe(200);
    expect(read.text).toContain('REHEARSAL');
    expect((await client.call('GET', url, undefined, { 'if-none-match': read.headers.get('etag') ?? '' })).status).toBe(
      304,
    );
    expect((await client.call('DELETE', url)).status).toBe(200);
    expect((await client.call('GET', url)).status).toBe(404);
    expect((await client.call('POST', `${url}/restore`)).status).toBe(200);
    expect((await client.call('GET', url)).text).toBe(read.text);
    expect(codeOf(await client.call('POST', `${url}/restore`))).toBe('NotFound');
  });

  it('streams what happens, numbered, and goes on from where a reader was', async () => {
    const { client } = await aWagon();
    const debate = aDebateAssignment();
    await client.putJob(debate);
    const isEnd = (event: WagonEvent) => event.type === 'job-state' && event.state === 'Succeeded';
    const seen = await take(client.events('/api/events?after=0'), isEnd);
    expect(seen[0]).toMatchObject({ type: 'hello', oldest: 1 });
    const numbered = seen.slice(1);
    expect(numbered.map(({ seq }) => seq)).toEqual(numbered.map((_, index) => index + 1));
    const turns = numbered.flatMap((event) => (event.type === 'turn-end' ? [event.seat] : []));
    expect(turns).toEqual(['visionary', 'critic', 'tactician']);
    const again = await take(client.events('/api/events', { 'last-event-id': '3' }), isEnd);
    expect(again[1]).toEqual(numbered[3]);
    const ofJob = await take(client.events(`/api/jobs/${debate.id}/events`), isEnd);
    expect(ofJob.slice(1).every((event) => 'jobID' in event && event.jobID === debate.id)).toBe(true);
    const ofObjective = await take(client.events(`/api/events?objective=${OBJECTIVE.uid}`), isEnd);
    expect(ofObjective.slice(1).every((event) => 'objective' in event && event.objective?.uid === OBJECTIVE.uid)).toBe(
      true,
    );
  });

  it('takes a number of another start for none, and says which start this is', async () => {
    const { client } = await aWagon();
    const { instanceID } = (await client.call('GET', '/')).json as { instanceID: string };
    const [hello] = await take(client.events('/api/events?after=987654'), () => true);
    expect(hello).toMatchObject({ type: 'hello', epoch: instanceID });
  });
});

describe('the ringmaster', () => {
  it('hears of the wagon at once and again, with what it holds, and lets it work by its answer', async () => {
    const beats: Heartbeat[] = [];
    let leases = false;
    const hub = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      expect(request.headers.authorization).toBe(`Bearer ${TOKEN}`);
      beats.push(heartbeatSchema.parse(JSON.parse(text)));
      if (!leases) {
        response.writeHead(503).end();
        return;
      }
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ wagon: 'lxc-core', namespace: 'default', leaseSeconds: 25, leaderEpoch: 1 }));
    });
    await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      hub.closeAllConnections();
      hub.close();
    });
    const { wagon, client } = await aWagon({
      ringmasterUrl: `http://127.0.0.1:${(hub.address() as AddressInfo).port}`,
    });
    const job = aTaskAssignment();
    await client.putJob(job);
    const waits = (event: WagonEvent) =>
      event.type === 'log' && event.message.startsWith('No word from the ringmaster');
    await take(client.events('/api/events?after=0'), waits);
    expect((await client.job(job.id)).state).toBe('Running');
    leases = true;
    expect(await client.jobEnd(job.id)).toMatchObject({ state: 'Succeeded' });
    expect(beats[0]).toMatchObject({ nodeID: 'LXC-CORE', role: 'CORE', address: wagon.url, jobs: { capacity: 2 } });
    expect(beats[0]?.providersDigest).toBeUndefined();

    const digest = `sha256:${'d'.repeat(64)}`;
    const grant = {
      name: 'kimi',
      type: 'OpenAICompatible',
      endpoint: 'http://127.0.0.1:1/v1',
      model: 'm',
      apiKey: 'sk-a-very-secret-key',
    };
    const put = await client.call('PUT', '/api/providers', { providers: [grant], digest });
    expect(put.status).toBe(200);
    expect(put.text).not.toContain('sk-a-very-secret-key');
    const news = await new Promise<Heartbeat>((resolve) => {
      const look = () => {
        const beat = beats.find(({ providers }) =>
          providers.some(({ name, healthy }) => name === 'kimi' && healthy === 'False'),
        );
        if (beat === undefined) setTimeout(look, 20);
        else resolve(beat);
      };
      look();
    });
    expect(news).toMatchObject({ providersDigest: digest, vault: { files: 1 } });
    expect(JSON.stringify(news)).not.toContain('sk-a-very-secret-key');
  });
});

describe('a wagon that cannot start', () => {
  it.each([
    {
      name: 'its port is taken',
      given: async () => ({ port: Number(new URL((await aWagon()).wagon.url).port) }),
      says: /port \d+ of 127.0.0.1 is taken: set PORT/,
    },
    {
      name: 'its folder is in use',
      given: async () => ({ dataFolder: (await aWagon()).dataFolder }),
      says: /is in use by another wagon: stop it/,
    },
    {
      name: 'its folder is a file',
      given: async () => ({ dataFolder: join(import.meta.dirname, 'wagon.ts') }),
      says: /cannot hold the journal/,
    },
    {
      name: 'it has no such address',
      given: async () => ({ host: '203.0.113.7' }),
      says: /cannot listen on 203.0.113.7/,
    },
  ])('says in one line that $name, and leaves nothing open', async ({ given, says }) => {
    await expect(aWagon(await given())).rejects.toThrow(says);
  });
});
