import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  errorBodySchema,
  type Heartbeat,
  heartbeatSchema,
  vaultListSchema,
  type WagonEvent,
} from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aDebateAssignment, aTaskAssignment, OBJECTIVE } from '../testing/assignments.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { WagonClient } from '../testing/wagon-client.ts';
import type { WagonConfig } from './config.ts';
import { startWagon } from './wagon.ts';

const TOKEN = 'the-token-of-this-wagon';

async function aWagon(given: Partial<WagonConfig> = {}) {
  const dataFolder = given.dataFolder ?? (await temporaryFolder());
  const config: WagonConfig = {
    token: TOKEN,
    nodeID: 'LXC-CORE',
    role: 'CORE',
    host: '127.0.0.1',
    port: 0,
    dataFolder,
    namespace: 'default',
    maxConcurrentJobs: 2,
    logLevel: 'error',
    exitWithParent: false,
    providerKeys: new Map(),
    ...given,
  };
  const wagon = await startWagon(config, { clock: systemClock, random: Math.random });
  onTestFinished(() => wagon.stop());
  return { wagon, client: new WagonClient(wagon.url, TOKEN), dataFolder };
}

const codeOf = ({ json }: { json: unknown }) => errorBodySchema.parse(json).error.code;

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

describe('the door', () => {
  it('is open for health only: everything else needs the token', async () => {
    const { wagon, client } = await aWagon();
    expect((await fetch(`${wagon.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${wagon.url}/readyz`)).status).toBe(200);
    const paths = [
      '/',
      '/api/completions',
      '/api/completions/a/b',
      '/api/events',
      '/api/jobs/x',
      '/api/learn',
      '/nope',
      '/healthz/x',
    ];
    for (const path of paths) {
      for (const authorization of [undefined, 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, 'Bearer ']) {
        const answer = await fetch(wagon.url + path, authorization === undefined ? {} : { headers: { authorization } });
        expect(answer.status, `${path} with ${authorization}`).toBe(401);
        expect(errorBodySchema.parse(await answer.json()).error.code).toBe('Unauthorized');
      }
    }
    expect((await client.call('GET', '/')).status).toBe(200);
    expect((await client.call('PUT', '/api/providers', {}, { authorization: 'Bearer wrong' })).status).toBe(401);
  });

  it.each([
    ['GET', '/api/nope', 404, 'NotFound'],
    ['DELETE', '/api/completions', 405, 'FileRequired'],
    ['DELETE', '/api/completions/', 405, 'FileRequired'],
    ['GET', '/api/completions/tide-chart/..%2f..%2fetc%2fpasswd', 400, 'UnsafePath'],
    ['GET', '/api/completions/%2e%2e/%2e%2e/etc/passwd', 404, 'NotFound'],
    ['GET', '/api/completions/a%00b/c', 400, 'UnsafePath'],
    ['GET', '/api/completions/tide-chart/none.md', 404, 'NotFound'],
    ['DELETE', '/api/completions/tide-chart/.debate/round-1.json', 400, 'UnsafePath'],
    ['POST', '/api/completions/tide-chart/x.md', 404, 'NotFound'],
    ['GET', '/api/completions/%zz', 400, 'BadRequest'],
    ['GET', '/api/events?after=-1', 400, 'BadRequest'],
    ['GET', '/api/events?after=x', 400, 'BadRequest'],
    ['GET', '/api/jobs/nope', 404, 'NotFound'],
    ['GET', '/api/jobs/nope/events', 404, 'NotFound'],
    ['DELETE', '/api/jobs/nope', 404, 'NotFound'],
    ['POST', '/api/learn', 501, 'NotInstalled'],
    ['POST', '/api/rewrite', 501, 'NotInstalled'],
    ['POST', '/api/analyze', 501, 'NotInstalled'],
    ['POST', '/api/self-improve', 501, 'NotInstalled'],
    ['POST', '/api/self-rewrite', 501, 'NotInstalled'],
    ['POST', '/api/swarm/execute', 501, 'NotInstalled'],
  ])('refuses %s %s with %d %s, in the one shape', async (method, path, status, code) => {
    const { client } = await aWagon();
    const answer = await client.call(method, path);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  });

  it('refuses what is no assignment, names the place, and keeps nothing of it', async () => {
    const { client } = await aWagon();
    const job = aTaskAssignment();
    const url = `/api/jobs/${job.id}`;
    const refused = async (body: unknown, headers?: Record<string, string>) => {
      const answer = await client.call('PUT', url, body, headers);
      return `${answer.status} ${errorBodySchema.parse(answer.json).error.message}`;
    };
    expect(await refused('not json')).toBe('400 the body is not JSON');
    expect(await refused('<a/>', { 'content-type': 'text/xml' })).toMatch(/^415 /);
    expect(await refused(undefined)).toMatch(/^422 /);
    expect(await refused({ ...job, inputsDigest: 'x' })).toMatch(/^422 inputsDigest: /);
    expect(await refused({ ...job, debate: aDebateAssignment().debate })).toMatch(
      /^422 .*exactly one of debate and task/,
    );
    expect(await refused({ ...job, id: job.id.replace('.1', '.2') })).toMatch(/^422 id in the body/);
    expect(await refused({ ...job, objective: { ...OBJECTIVE, uid: 'other' } })).toMatch(/^422 id does not begin/);
    expect(await refused({ ...job, objective: { ...OBJECTIVE, namespace: 'other' } })).toMatch(
      /^403 .*namespace default only/,
    );
    expect((await client.call('GET', url)).status).toBe(404);
    expect((await client.call('PUT', '/api/providers', 'x'.repeat(2_000_000))).status).toBe(413);
  });

  it('hands a page that a model wrote out as text to be saved, never as a page', async () => {
    const { client, dataFolder } = await aWagon();
    const job = aTaskAssignment({ task: { task: { path: 'page.html' } } });
    await client.putJob(job);
    await client.jobEnd(job.id);
    await writeFile(join(dataFolder, 'vault/default/tide-chart/page.html'), '<script>alert(1)</script>');
    const page = await client.call('GET', '/api/completions/tide-chart/page.html');
    expect(page.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(page.headers.get('content-disposition')).toBe('attachment; filename="page.html"');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('content-security-policy')).toContain('sandbox');
    const list = (await client.call('GET', '/api/completions')).json as { files: { state: string }[] };
    expect(list.files[0]?.state).toBe('Changed');
  });
});

describe('the controller’s orders', () => {
  it('are idempotent, fenced by the leader’s epoch, and bounded by slots', async () => {
    const { client } = await aWagon({ maxConcurrentJobs: 1 });
    const job = aTaskAssignment({ leaderEpoch: 5 });
    expect((await client.putJob(job)).status).toBe(201);
    await client.jobEnd(job.id);
    expect((await client.putJob(job)).status).toBe(200);
    expect((await client.putJob({ ...job, leaderEpoch: 6 })).status).toBe(200);
    const other = await client.putJob({ ...aTaskAssignment({ grant: { tokens: 9 } }), leaderEpoch: 6 });
    expect([other.status, codeOf(other)]).toEqual([409, 'InputsDiffer']);
    expect(other.json).toMatchObject({ error: { inputsDigest: job.inputsDigest } });
    const stale = await client.putJob(aTaskAssignment({ attempt: 2, leaderEpoch: 5 }));
    expect([stale.status, codeOf(stale)]).toEqual([409, 'StaleEpoch']);
    expect(codeOf(await client.call('DELETE', `/api/jobs/${job.id}?leaderEpoch=5`))).toBe('StaleEpoch');
    expect((await client.call('DELETE', `/api/jobs/${job.id}?leaderEpoch=6`)).json).toMatchObject({
      state: 'Succeeded',
    });
  });

  it('are refused with 429 and a time while every slot is taken, and a cancel frees one', async () => {
    const { client } = await aWagon({ maxConcurrentJobs: 1 });
    const waiting = aTaskAssignment({ task: { chain: { providers: ['kimi'], maxTokens: 100 } } });
    await client.putJob(waiting);
    const second = aTaskAssignment({ task: { task: { id: 't2', path: 'b.md' } } });
    const full = await client.putJob(second);
    expect([full.status, codeOf(full)]).toEqual([429, 'Full']);
    expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await client.call('DELETE', `/api/jobs/${waiting.id}`)).json).toMatchObject({ state: 'Cancelled' });
    expect((await client.call('DELETE', `/api/jobs/${waiting.id}`)).json).toMatchObject({ state: 'Cancelled' });
    expect((await client.putJob(second)).status).toBe(201);
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
