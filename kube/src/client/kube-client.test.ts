import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, answerJson, startHttpServer, type TestServer, WIDGETS } from '../../testing/index.ts';
import { createTransport } from '../transport/create-transport.ts';
import { PoolRegistry } from '../transport/pools.ts';
import { ApiError } from './api-error.ts';
import { KubeClient } from './kube-client.ts';
import { collectionPath, objectPath } from './paths.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

async function clientOf(answer: Answer) {
  server = await startHttpServer(answer);
  const transport = createTransport(server.config(), { pools: new PoolRegistry() });
  return { server, client: new KubeClient(transport, { fieldManager: 'tester' }) };
}

const ref = { namespace: 'show', name: 'a' };
const widget = { apiVersion: 'example.dev/v1', kind: 'Widget', metadata: { ...ref }, spec: { size: 1 } };
const echo: Answer = ({ body }, response) => answerJson(response, 200, body ? JSON.parse(body) : widget);

describe('KubeClient writes', () => {
  it('sends each verb to its path with its options', async () => {
    const { server, client } = await clientOf(echo);
    await client.create(WIDGETS, widget, { fieldValidation: 'Strict', dryRun: true });
    await client.update(WIDGETS, widget);
    await client.updateStatus(WIDGETS, widget, { fieldManager: 'other' });
    await client.patch(WIDGETS, ref, { type: 'merge', body: {} }, { subresource: 'status' });
    await client.delete(WIDGETS, ref, { preconditions: { uid: 'u' }, propagationPolicy: 'Foreground' });
    const base = '/apis/example.dev/v1/namespaces/show/widgets';
    expect(server.requests.map(({ method, url }) => `${method} ${url.pathname}${url.search}`)).toEqual([
      `POST ${base}?fieldManager=tester&fieldValidation=Strict&dryRun=All`,
      `PUT ${base}/a?fieldManager=tester`,
      `PUT ${base}/a/status?fieldManager=other`,
      `PATCH ${base}/a/status?fieldManager=tester`,
      `DELETE ${base}/a`,
    ]);
    expect(server.requests.map(({ headers }) => headers['content-type'])).not.toContain(undefined);
    expect(JSON.parse(server.requests[4]?.body ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: 'u' },
      propagationPolicy: 'Foreground',
    });
  });

  it('refuses a path that would address a whole collection', async () => {
    const { client } = await clientOf(echo);
    expect(() => client.get(WIDGETS, { name: '', namespace: 'show' })).toThrow(TypeError);
    expect(() => client.get(WIDGETS, { name: 'a' })).toThrow(TypeError);
    await expect(client.delete(WIDGETS, { name: '', namespace: 'show' })).rejects.toThrow(TypeError);
  });

  it('escapes names', () => {
    expect(objectPath(WIDGETS, { namespace: 'n', name: '../x' })).toBe(
      '/apis/example.dev/v1/namespaces/n/widgets/..%2Fx',
    );
    expect(
      collectionPath({ group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false }),
    ).toBe('/api/v1/namespaces');
  });
});

describe('KubeClient answers that are no Kubernetes answers become a clear ApiError', () => {
  const cases: {
    name: string;
    status: number;
    type: string;
    body: string;
    want: Partial<ApiError> & { message: unknown };
  }[] = [
    {
      name: 'HTML of a proxy',
      status: 502,
      type: 'text/html',
      body: '<html><h1>Bad  Gateway</h1></html>',
      want: {
        code: 502,
        reason: 'InternalError',
        message: 'the server answered 502 with text/html that is no Kubernetes answer: Bad Gateway',
      },
    },
    {
      name: 'an empty body',
      status: 503,
      type: 'text/plain',
      body: '',
      want: { code: 503, reason: 'ServiceUnavailable', message: 'the server answered 503 with an empty body' },
    },
    {
      name: 'a login page with 200',
      status: 200,
      type: 'text/html',
      body: '<form>',
      want: { code: 502, reason: 'UnexpectedAnswer', message: expect.stringContaining('200 with text/html') },
    },
    {
      name: 'JSON that was cut off',
      status: 200,
      type: 'application/json',
      body: '{"kind":"Wid',
      want: { code: 502, reason: 'UnexpectedAnswer', message: expect.stringContaining('{"kind":"Wid') },
    },
    {
      name: 'a Status without code and reason',
      status: 404,
      type: 'application/json',
      body: '{"kind":"Status"}',
      want: { code: 404, reason: 'NotFound', message: 'NotFound' },
    },
    {
      name: 'JSON of somebody else',
      status: 403,
      type: 'application/json',
      body: '{"error":"no"}',
      want: { code: 403, reason: 'Forbidden', message: expect.stringContaining('{"error":"no"}') },
    },
    {
      name: 'a Status full of nonsense',
      status: 409,
      type: 'application/json',
      body: '{"kind":"Status","code":"x","message":7,"details":[],"metadata":3}',
      want: { code: 409, reason: 'Conflict', message: 'Conflict' },
    },
  ];
  it.each(cases)('$name', async ({ status, type, body, want }) => {
    const { client } = await clientOf(
      (_request, response) => void response.writeHead(status, { 'content-type': type }).end(body),
    );
    const error: unknown = await client
      .patch(WIDGETS, ref, { type: 'json', operations: [] })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ request: 'PATCH /apis/example.dev/v1/namespaces/show/widgets/a', ...want });
  });

  it('keeps causes, and reads Retry-After before the Status', async () => {
    const details = { causes: [{ field: 'spec.size', message: 'too big' }], retryAfterSeconds: 9 };
    const { client } = await clientOf((_request, response) =>
      answerJson(
        response,
        422,
        { kind: 'Status', code: 422, reason: 'Invalid', message: 'm', details },
        { 'retry-after': '4' },
      ),
    );
    const error = await client.create(WIDGETS, widget).catch((thrown: ApiError) => thrown);
    expect(error).toMatchObject({
      isInvalid: true,
      retryAfterSeconds: 4,
      status: { details: { causes: details.causes } },
    });
  });

  it('tells AlreadyExists from a conflict', async () => {
    let reason = 'AlreadyExists';
    const { client } = await clientOf((_request, response) =>
      answerJson(response, 409, { kind: 'Status', code: 409, reason }),
    );
    expect(await client.create(WIDGETS, widget).catch((thrown) => thrown)).toMatchObject({
      isAlreadyExists: true,
      isConflict: false,
    });
    reason = 'Conflict';
    expect(await client.update(WIDGETS, widget).catch((thrown) => thrown)).toMatchObject({
      isAlreadyExists: false,
      isConflict: true,
    });
  });
});

describe('KubeClient looking for an object', () => {
  it('gives it, nothing where there is none, and an error where nobody can know', async () => {
    let code = 200;
    const status = () => ({ apiVersion: 'v1', kind: 'Status', status: 'Failure', code, reason: 'x', message: 'x' });
    const { client } = await clientOf((_, response) => answerJson(response, code, code === 200 ? widget : status()));
    expect(await client.find(WIDGETS, ref)).toEqual(widget);
    code = 404;
    expect(await client.find(WIDGETS, ref)).toBeUndefined();
    code = 403;
    await expect(client.find(WIDGETS, ref)).rejects.toThrow(ApiError);
  });
});

describe('KubeClient lists and watches', () => {
  it('fills in apiVersion and kind, which lists of built-in kinds leave out', async () => {
    const { client } = await clientOf((_request, response) =>
      answerJson(response, 200, {
        kind: 'WidgetList',
        metadata: { resourceVersion: '7' },
        items: [{ metadata: { name: 'a' } }],
      }),
    );
    const list = await client.list(WIDGETS);
    expect(list).toMatchObject({ kind: 'WidgetList', metadata: { resourceVersion: '7' } });
    expect(list.items).toEqual([{ apiVersion: 'example.dev/v1', kind: 'Widget', metadata: { name: 'a' } }]);
  });

  it('passes selectors and namespace of a watch on', async () => {
    const { server, client } = await clientOf((_request, response) => void response.writeHead(200).end());
    const options = {
      namespace: 'show',
      labelSelector: 'a=b',
      fieldSelector: 'status.phase=Ready',
      resourceVersion: '5',
      timeoutSeconds: 30,
    };
    for await (const _ of await client.watch(WIDGETS, options)) throw new Error('no event was sent');
    expect(Object.fromEntries(server.requests[0]?.url.searchParams ?? [])).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      labelSelector: 'a=b',
      fieldSelector: 'status.phase=Ready',
      resourceVersion: '5',
      timeoutSeconds: '30',
    });
  });

  it('closes the connection of a watch whose loop is left', async () => {
    let closed = () => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { client } = await clientOf((_request, response) => {
      response.on('close', closed);
      response.writeHead(200).write(`${JSON.stringify({ type: 'ADDED', object: widget })}\n`);
    });
    for await (const event of await client.watch(WIDGETS)) {
      expect(event).toEqual({ type: 'ADDED', object: widget });
      break;
    }
    await gone;
  });

  it('refuses a watch that answers HTML', async () => {
    const { client } = await clientOf(
      (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hi</p>'),
    );
    await expect(client.watch(WIDGETS)).rejects.toMatchObject({ code: 502, reason: 'UnexpectedAnswer' });
  });
});
