import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorBodySchema } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { aDebateAssignment, aTaskAssignment, OBJECTIVE } from '../testing/assignments.ts';
import { aWagon, codeOf, TOKEN } from '../testing/wagon-bench.ts';

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
