import type { Assignment, WagonEvent } from '@dark-carnival/crds';
import { systemClock } from '@dark-carnival/crds/clock';
import { answerJson, eventually, startHttpServer, type TestServer } from '@dark-carnival/kube/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aSnapshot, aWagonFacts, noTexts } from '../../testing/a-snapshot.ts';
import { aTurn } from '../../testing/scripted-answers.ts';
import { ScriptedWagon } from '../../testing/scripted-wagon.ts';
import { roundAssignment } from '../kinds/objective/policies/assignments.ts';
import type { WagonTarget } from '../ports/wagon-client.ts';
import { HttpWagonClient } from './http-wagon-client.ts';
import { WagonConnections } from './wagon-connections.ts';

const chain = { providers: ['rehearsal'], maxTokens: 1000 };
const assignment: Assignment = roundAssignment({
  objective: aSnapshot().objective,
  round: 1,
  attempt: 1,
  chains: { visionary: chain, critic: chain, tactician: chain, execution: chain },
  providers: [],
  texts: noTexts,
  grant: {},
  wagon: aWagonFacts(),
  leaderEpoch: 1,
});

describe('how the controller speaks to wagons', () => {
  const connections = new WagonConnections();
  const client = new HttpWagonClient({
    connections,
    clock: systemClock,
    random: () => 0,
    deadlinesMs: { get: 400, put: 400, probe: 400 },
  });
  let wagon: ScriptedWagon;
  let target: WagonTarget;

  beforeEach(async () => {
    wagon = new ScriptedWagon();
    await wagon.start();
    target = { namespace: 'default', name: wagon.name, address: wagon.url, token: wagon.token };
  });
  afterEach(async () => {
    await wagon.die();
  });

  it('gives a job, the same again, and another under its id', async () => {
    expect(await client.putJob(target, assignment)).toMatchObject({ outcome: 'accepted', job: { id: assignment.id } });
    expect(await client.putJob(target, assignment)).toMatchObject({ outcome: 'same', job: { state: 'Succeeded' } });
    const other = { ...assignment, inputsDigest: `sha256:${'0'.repeat(64)}` };
    expect(await client.putJob(target, other)).toMatchObject({
      outcome: 'conflict',
      inputsDigest: assignment.inputsDigest,
    });
    expect(await client.getJob(target, assignment.id)).toMatchObject({
      outcome: 'found',
      job: { inputsDigest: assignment.inputsDigest },
    });
  });

  it('reads a debate that runs, before there is a plan', async () => {
    wagon.script = () => 'run';
    await client.putJob(target, assignment);
    wagon.progress(assignment.id, { debate: { activeSeat: 'critic', turns: [aTurn('visionary', 1)], dissent: [] } });
    expect(await client.getJob(target, assignment.id)).toMatchObject({
      outcome: 'found',
      job: { debate: { activeSeat: 'critic' } },
    });
  });

  it('reads a debate whose plan is nonsense: the plan is judged by others', async () => {
    wagon.script = () => ({ state: 'Succeeded', debate: { turns: [], plan: 'do it' as never, dissent: [] } });
    await client.putJob(target, assignment);
    expect(await client.getJob(target, assignment.id)).toMatchObject({
      outcome: 'found',
      job: { debate: { plan: 'do it' } },
    });
  });

  it('gives a job again to a wagon that stops and will soon be back', async () => {
    wagon.misbehaviour = 'stopping';
    expect(await client.putJob(target, assignment)).toMatchObject({ outcome: 'full' });
  });

  it('tells a job that is not there from a wagon that is not there', async () => {
    expect(await client.getJob(target, assignment.id)).toEqual({ outcome: 'absent' });
    expect(await client.cancelJob(target, assignment.id, 1)).toEqual({ outcome: 'absent' });
    await wagon.die();
    expect(await client.getJob(target, assignment.id)).toMatchObject({ outcome: 'unreachable' });
    expect(await client.cancelJob(target, assignment.id, 1)).toMatchObject({ outcome: 'unreachable' });
    expect(await client.probe(target)).toMatchObject({ outcome: 'unreachable' });
  });

  it('has a job held, and let go on', async () => {
    const order = (held: boolean) => client.holdJob(target, assignment.id, { held, leaderEpoch: 1 });
    expect(await order(true)).toEqual({ outcome: 'absent' });
    wagon.script = () => 'run';
    await client.putJob(target, assignment);
    expect(await order(true)).toMatchObject({ outcome: 'ordered', job: { id: assignment.id, held: true } });
    expect(await order(false)).toMatchObject({ outcome: 'ordered', job: { held: false } });
    wagon.misbehaviour = 'html';
    expect(await order(true)).toMatchObject({ outcome: 'garbage' });
    await wagon.die();
    expect(await order(true)).toMatchObject({ outcome: 'unreachable' });
  });

  it.each([
    { misbehaviour: 'html', get: 'garbage', put: 'garbage' },
    { misbehaviour: 'error500', get: 'garbage', put: 'garbage' },
    { misbehaviour: 'empty', get: 'garbage', put: 'garbage' },
    { misbehaviour: 'truncated', get: 'unreachable', put: 'unreachable' },
    { misbehaviour: 'hang', get: 'unreachable', put: 'unreachable' },
    { misbehaviour: 'full', get: 'absent', put: 'full' },
    { misbehaviour: 'refuse', get: 'absent', put: 'refused' },
  ] as const)('calls an answer of kind $misbehaviour what it is', async ({ misbehaviour, get, put }) => {
    wagon.misbehaviour = misbehaviour;
    expect((await client.getJob(target, assignment.id)).outcome).toBe(get);
    expect((await client.putJob(target, assignment)).outcome).toBe(put);
  });

  it('waits as long as a full wagon asks', async () => {
    wagon.misbehaviour = 'full';
    expect(await client.putJob(target, assignment)).toEqual({ outcome: 'full', retryAfterMs: 1_000 });
  });

  it('says without the token why a wagon did not take it', async () => {
    const outcome = await client.putJob({ ...target, token: 'a-wrong-token' }, assignment);
    expect(outcome).toMatchObject({ outcome: 'refused', message: expect.stringContaining('401') });
    expect(JSON.stringify(outcome)).not.toContain('a-wrong-token');
  });

  it('is told of events, and told to look around when a stream is opened anew', async () => {
    const seen: string[] = [];
    const subscription = client.watchEvents(target, {
      onWake: () => seen.push('wake'),
      onEvent: (event: WagonEvent) => seen.push(event.type),
    });
    await eventually(() => expect(seen).toEqual(['wake']));
    wagon.emit({ type: 'log', level: 'info', message: 'hello' });
    await eventually(() => expect(seen).toEqual(['wake', 'log']));
    await wagon.die();
    await wagon.start();
    await eventually(() => expect(seen).toEqual(['wake', 'log', 'wake']));
    subscription.close();
    wagon.emit({ type: 'log', level: 'info', message: 'nobody listens' });
    expect(seen).toHaveLength(3);
  });
});

describe('answers that no wagon would give', () => {
  const client = new HttpWagonClient({
    connections: new WagonConnections(),
    clock: systemClock,
    random: () => 0,
    deadlinesMs: { get: 2_000 },
  });
  let server: TestServer;
  let answer: Parameters<typeof startHttpServer>[0];
  const target = () => ({ namespace: 'default', name: 'x', address: server.url, token: 't' });
  beforeEach(async () => {
    server = await startHttpServer((request, response) => answer(request, response));
  });
  afterEach(() => server.close());

  it.each([
    {
      name: 'a job of another id',
      body: {
        id: 'u.debate.1.9',
        inputsDigest: assignment.inputsDigest,
        state: 'Succeeded',
        usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0, calls: 0, unsettled: 0 },
      },
    },
    {
      name: 'a job in no known state',
      body: { id: assignment.id, inputsDigest: assignment.inputsDigest, state: 'Dreaming' },
    },
    {
      name: 'a job with negative usage',
      body: {
        id: assignment.id,
        inputsDigest: assignment.inputsDigest,
        state: 'Running',
        usage: { inputTokens: -5, outputTokens: 0, totalTokens: 0, calls: 0, unsettled: 0 },
      },
    },
    { name: 'a list', body: [] },
    { name: 'null', body: null },
  ])('are not believed: $name', async ({ body }) => {
    answer = (_, response) => answerJson(response, 200, body);
    expect((await client.getJob(target(), assignment.id)).outcome).toBe('garbage');
  });

  it('are not believed: a 404 that some proxy made', async () => {
    answer = (_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not Found</h1>');
    expect(await client.getJob(target(), assignment.id)).toMatchObject({
      outcome: 'garbage',
      message: expect.stringContaining('404'),
    });
  });

  it('are not read to an end that does not come', async () => {
    let sent = 0;
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = 'x'.repeat(1024 * 1024);
      const pump = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', pump);
      pump();
    };
    const outcome = await client.getJob(target(), assignment.id);
    expect(outcome).toMatchObject({ outcome: 'unreachable', message: expect.stringContaining('larger than') });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('are not followed elsewhere: the token is for this wagon alone', async () => {
    const thief = await startHttpServer((_, response) => answerJson(response, 200, {}));
    answer = (_, response) => response.writeHead(307, { location: `${thief.url}/api/jobs/x` }).end();
    expect((await client.getJob(target(), assignment.id)).outcome).toBe('garbage');
    expect(thief.requests).toEqual([]);
    await thief.close();
  });

  it('do not wake anybody: a stream of nonsense', async () => {
    const seen: string[] = [];
    let streams = 0;
    answer = (_, response) => {
      streams += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: {not json}\n\ndata: {"type":"turn-end"}\n\ndata: 7\n\n');
    };
    const subscription = client.watchEvents(target(), {
      onWake: () => seen.push('wake'),
      onEvent: ({ type }) => seen.push(type),
    });
    await eventually(() => expect(streams).toBeGreaterThan(1));
    subscription.close();
    expect(seen).toEqual([]);
  });

  it('come from an address that is none', async () => {
    expect(await client.probe({ address: 'file:///etc/passwd' })).toMatchObject({ outcome: 'unreachable' });
    expect(await client.probe({ address: 'nonsense' })).toMatchObject({ outcome: 'unreachable' });
  });
});
