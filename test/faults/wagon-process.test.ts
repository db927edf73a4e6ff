import { readdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Assignment, WagonEvent } from '@dark-carnival/crds';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aDebateAssignment, aTaskAssignment } from '../../agent/testing/assignments.ts';
import { aSlowModel, type SlowModel } from '../../agent/testing/slow-model.ts';
import { temporaryFolder } from '../../agent/testing/temporary-folder.ts';
import type { WagonClient } from '../../agent/testing/wagon-client.ts';
import { startProcess, TOKEN } from '../../agent/testing/wagon-process.ts';

const KEY = 'sk-a-very-secret-key';

/** Grants the slow model, as the controller does after each start of a wagon. */
async function grant(client: WagonClient, { endpoint }: SlowModel): Promise<void> {
  const provider = { name: 'slow', type: 'OpenAICompatible', wire: 'OpenAI', endpoint, model: 'slow-1', apiKey: KEY };
  const answer = await client.call('PUT', '/api/providers', {
    providers: [provider],
    digest: `sha256:${'1'.repeat(64)}`,
  });
  expect(answer.status).toBe(200);
}

const chain = { providers: ['slow'], maxTokens: 500 };
const aDebate = () => aDebateAssignment({ debate: { seats: { visionary: chain, critic: chain, tactician: chain } } });
const aTask = (id: string, path: string) => aTaskAssignment({ task: { task: { id, path }, chain } });

/** Starts a wagon and gives it every job, as a controller does that does not know which ones it took before. */
async function startWith(data: string, model: SlowModel, jobs: Assignment[], accepted: Set<string>) {
  const wagon = await startProcess({ CARNIVAL_DATA: data, MAX_CONCURRENT_JOBS: String(jobs.length) });
  await grant(wagon.client, model);
  for (const job of jobs) {
    expect((await wagon.client.putJob(job)).status).toBe(accepted.has(job.id) ? 200 : 201);
    accepted.add(job.id);
  }
  return wagon;
}

describe('a wagon that is killed', () => {
  it('goes on with its debate by itself, buys no finished turn again, and books the call that was in flight', async () => {
    const data = await temporaryFolder();
    const model = await aSlowModel();
    const first = await startProcess({ CARNIVAL_DATA: data });
    await grant(first.client, model);
    const job = aDebate();
    expect((await first.client.putJob(job)).status).toBe(201);
    (await model.nth(1)).answer('A vision of tides.');
    await model.nth(2);
    await first.client.jobWhen(job.id, ({ debate }) => debate?.turns.length === 1);
    await first.kill('SIGKILL');

    const second = await startProcess({ CARNIVAL_DATA: data });
    expect((await second.client.job(job.id)).debate?.turns[0]?.text).toBe('A vision of tides.');
    await grant(second.client, model);
    const reissued = await model.nth(3);
    expect(reissued.prompt).toBe(model.calls[1]?.prompt);
    reissued.answer('{"verdict":"accept","objections":[]}');
    const plan = {
      summary: 'One file.',
      tasks: [{ id: 't1', title: 'Chart', kind: 'File', instruction: 'Write it.', path: 'chart.md' }],
    };
    model.answerAll(JSON.stringify(plan));
    const status = await second.client.jobEnd(job.id);
    expect(status.debate?.turns.map(({ seat, text }) => [seat, text.slice(0, 8)])).toMatchObject([
      ['visionary', 'A vision'],
      ['critic', expect.any(String)],
      ['tactician', expect.any(String)],
    ]);
    expect(model.calls.filter(({ prompt }) => prompt === model.calls[0]?.prompt)).toHaveLength(1);
    expect(status.usage.unsettled).toBeGreaterThan(500);
    expect(status.usage.calls).toBe(model.calls.length);
  });

  it('loses no file and writes none twice, when it is killed again and again at any moment', async () => {
    const data = await temporaryFolder();
    const model = await aSlowModel();
    model.answerAll('# A tide chart\n');
    const jobs = Array.from({ length: 6 }, (_, index) => aTask(`t${index + 1}`, `docs/file-${index + 1}.md`));
    const accepted = new Set<string>();
    for (const delayMs of [5, 40, 15, 90]) {
      const wagon = await startWith(data, model, jobs, accepted);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      // At least one of them ends between two crashes, whatever the machine's pace.
      if (delayMs === 40) await wagon.client.jobEnd(jobs[0]?.id ?? '');
      await wagon.kill('SIGKILL');
    }
    const last = await startProcess({ CARNIVAL_DATA: data });
    await grant(last.client, model);
    const artifacts: unknown[] = [];
    for (const job of jobs) {
      const status = await last.client.jobEnd(job.id);
      // A call that was under way at two crashes is not made a third time; every other one ended well.
      if (status.state === 'Failed')
        expect(status).toMatchObject({ reason: 'Internal', message: expect.stringContaining('crashes') });
      else expect(status.state).toBe('Succeeded');
      if (status.task?.artifact !== undefined) artifacts.push(status.task.artifact);
      // Bought once, and once more for each call that was in flight at a crash.
      const bought = model.calls.filter(({ prompt }) => prompt.includes(`${job.task?.task.path}`)).length;
      expect(bought).toBeLessThanOrEqual(status.usage.calls);
      expect(status.usage.calls).toBeLessThanOrEqual(3);
    }
    const { json } = await last.client.call('GET', '/api/completions');
    const { files, missing } = json as { files: { file: string; state: string }[]; missing: unknown[] };
    expect(missing).toEqual([]);
    expect(files.every(({ state }) => state === 'Intact')).toBe(true);
    expect(artifacts.length).toBeGreaterThan(0);
    expect(files).toMatchObject(artifacts);
    const onDisk = await readdir(`${data}/vault`, { recursive: true });
    expect(onDisk.filter((name) => name.includes('.tmp-'))).toEqual([]);
  });

  it('never tells a key: not in a log, a status or an event, and not on the disk, even where a provider quotes it', async () => {
    const data = await temporaryFolder();
    const model = await aSlowModel();
    const wagon = await startProcess({ CARNIVAL_DATA: data, LOG_LEVEL: 'debug' });
    await grant(wagon.client, model);
    model.refuseAll(`Incorrect API key provided: ${KEY}`);
    const job = aTask('t1', 'a.md');
    await wagon.client.putJob(job);
    const status = await wagon.client.jobEnd(job.id);
    expect(status).toMatchObject({ state: 'Failed', reason: 'Unauthorized' });
    const events: WagonEvent[] = [];
    for await (const event of wagon.client.events('/api/events')) {
      events.push(event);
      if (event.type === 'job-state' && event.state === 'Failed') break;
    }
    await wagon.kill('SIGTERM');
    const onDisk = await Promise.all(
      (await readdir(data, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
    );
    for (const text of [wagon.log(), JSON.stringify(status), JSON.stringify(events), ...onDisk])
      for (const secret of [KEY, TOKEN]) expect(text).not.toContain(secret);
  });
});

describe('a wagon with variables of its own', () => {
  it('asks the providers that they name, answers to nobody or not, and says so without the key', async () => {
    const model = await aSlowModel();
    model.answerAll('# A tide chart\n');
    const own = {
      CARNIVAL_OPENAI_COMPATIBLE_URL: model.endpoint,
      CARNIVAL_OPENAI_COMPATIBLE_MODEL: 'slow-1',
      CARNIVAL_OPENAI_COMPATIBLE_KEY: KEY,
      GROQ_ENDPOINT: 'ftp://nowhere',
      GROQ_API_KEY: KEY,
    };
    const wagon = await startProcess({ CARNIVAL_DATA: await temporaryFolder(), ...own });
    const { json } = await wagon.client.call('GET', '/');
    const { providers } = json as { providers: { name: string }[] };
    expect(providers.map(({ name }) => name)).toEqual(['rehearsal', 'openai-compatible', 'ollama']);
    const task = (id: string) =>
      aTaskAssignment({
        task: { task: { id, path: `${id}.md` }, chain: { ...chain, providers: ['openai-compatible'] } },
      });
    const alone = task('t1');
    expect((await wagon.client.putJob(alone)).status).toBe(201);
    expect((await wagon.client.jobEnd(alone.id)).state).toBe('Succeeded');
    // A hub that grants it nothing takes nothing from it.
    await wagon.client.call('PUT', '/api/providers', { providers: [], digest: `sha256:${'2'.repeat(64)}` });
    const led = task('t2');
    await wagon.client.putJob(led);
    expect((await wagon.client.jobEnd(led.id)).state).toBe('Succeeded');
    await wagon.kill('SIGTERM');
    expect(wagon.log()).toContain('wagon: providers of its own: openai-compatible (slow-1)\n');
    expect(wagon.log()).toContain('wagon: GROQ_ENDPOINT is no http(s) URL');
    expect(wagon.log()).not.toContain(KEY);
  });
});

describe('a wagon that is stopped', () => {
  it('lets the call in flight end, keeps its answer, and is gone within 5 s', async () => {
    const data = await temporaryFolder();
    const model = await aSlowModel();
    const first = await startProcess({ CARNIVAL_DATA: data });
    await grant(first.client, model);
    const job = aDebate();
    await first.client.putJob(job);
    const call = await model.nth(1);
    const gone = first.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 100));
    call.answer('A vision of tides.');
    expect(await gone).toEqual({ code: 0, signal: null });
    const second = await startProcess({ CARNIVAL_DATA: data });
    const status = await second.client.job(job.id);
    expect(status).toMatchObject({ state: 'Running', usage: { unsettled: 0, calls: 1 } });
    expect(model.calls).toHaveLength(1);
  });

  it('does not wait for a model that never answers', async () => {
    const data = await temporaryFolder();
    const model = await aSlowModel();
    const wagon = await startProcess({ CARNIVAL_DATA: data });
    await grant(wagon.client, model);
    await wagon.client.putJob(aDebate());
    await model.nth(1);
    const begun = performance.now();
    expect(await wagon.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('ends with its parent, where it was told to', async () => {
    const wagon = await startProcess({ CARNIVAL_DATA: await temporaryFolder() }, ['--exit-with-parent']);
    expect(wagon.ready).toMatchObject({ ready: true, nodeID: 'LXC-CORE' });
    expect(await wagon.closeStdin()).toEqual({ code: 0, signal: null });
  });
});

describe('a wagon that cannot start', () => {
  it('says why in one line, and exits 1, or 2 for a setting that is wrong', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      taken.close();
    });
    const { port } = taken.address() as AddressInfo;
    const CARNIVAL_DATA = await temporaryFolder();
    await expect(startProcess({ CARNIVAL_DATA, PORT: String(port) })).rejects.toThrow(
      `exit 1: wagon: port ${port} of 127.0.0.1 is taken: set PORT to a free one\n`,
    );
    await expect(startProcess({ CARNIVAL_DATA, PORT: 'x' })).rejects.toThrow(
      'exit 2: wagon: PORT must be a whole number from 0 to 65535\n',
    );
    await expect(startProcess({ CARNIVAL_DATA: '/proc/nowhere' })).rejects.toThrow(/^exit 1: wagon: [^\n]*\n$/);
  });
});
