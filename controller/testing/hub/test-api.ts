import type { KubeObject } from '@dark-carnival/crds';
import { answerJson, type SeenRequest, startHttpServer, type TestServer } from '@dark-carnival/kube/testing';

/** The part of a Kubernetes API server that the hub asks in a person's name. */
export interface TestApi {
  server: TestServer;
  /** Token to user name. */
  users: Map<string, string>;
  /** Whether a user may do something; everything at first. */
  allows: (user: string, attributes: Record<string, string>) => boolean;
  /** Path to object. */
  objects: Map<string, KubeObject>;
  /** Answers 500 to everything while true. */
  broken: boolean;
  put(path: string, object: KubeObject): void;
  close(): Promise<void>;
}

const refuse = (code: number, reason: string, message: string) => ({
  apiVersion: 'v1',
  kind: 'Status',
  status: 'Failure',
  code,
  reason,
  message,
});

export async function startTestApi(): Promise<TestApi> {
  const server = await startHttpServer((request, response) => {
    const [code, body] = respond(api, request);
    answerJson(response, code, body);
  });
  const api: TestApi = {
    server,
    users: new Map([
      ['person-token', 'ada'],
      ['controller-token', 'controller'],
    ]),
    allows: () => true,
    objects: new Map(),
    broken: false,
    put: (path, object) => void api.objects.set(path, object),
    close: () => server.close(),
  };
  return api;
}

function respond(api: TestApi, request: SeenRequest): [number, unknown] {
  if (api.broken) return [500, refuse(500, 'InternalError', 'etcd is away')];
  const user = api.users.get(String(request.headers.authorization).replace('Bearer ', ''));
  if (user === undefined) return [401, refuse(401, 'Unauthorized', 'Unauthorized')];
  const { pathname } = request.url;
  if (pathname.endsWith('/selfsubjectreviews'))
    return [201, { ...parse(request), status: { userInfo: { username: user, groups: [] } } }];
  if (pathname.endsWith('/selfsubjectaccessreviews')) {
    const review = parse(request);
    const { resourceAttributes, nonResourceAttributes = {} } = review.spec as ReviewSpec;
    const attributes = resourceAttributes ?? nonResourceAttributes;
    return [201, { ...review, status: { allowed: api.allows(user, attributes) } }];
  }
  if (request.method === 'POST') return create(api, pathname, parse(request));
  if (request.method === 'PUT') return update(api, pathname, parse(request));
  const found = api.objects.get(pathname);
  return found ? [200, found] : [404, refuse(404, 'NotFound', `${pathname} not found`)];
}

interface ReviewSpec {
  resourceAttributes?: Record<string, string>;
  nonResourceAttributes?: Record<string, string>;
}

function create(api: TestApi, collection: string, object: KubeObject): [number, unknown] {
  const path = `${collection}/${object.metadata.name}`;
  if (api.objects.has(path)) return [409, refuse(409, 'AlreadyExists', `${object.metadata.name} already exists`)];
  const created = { ...object, metadata: { ...object.metadata, uid: 'new-uid', resourceVersion: '1' } };
  api.objects.set(path, created);
  return [201, created];
}

/** As the real one: what was read is what is replaced, or it is a conflict. */
function update(api: TestApi, path: string, object: KubeObject): [number, unknown] {
  const before = api.objects.get(path);
  if (!before) return [404, refuse(404, 'NotFound', `${path} not found`)];
  if (object.metadata.resourceVersion !== before.metadata.resourceVersion) {
    return [409, refuse(409, 'Conflict', 'the object has been modified')];
  }
  const resourceVersion = String(Number(before.metadata.resourceVersion) + 1);
  const updated = { ...object, metadata: { ...object.metadata, resourceVersion } };
  api.objects.set(path, updated);
  return [200, updated];
}

const parse = (request: SeenRequest): KubeObject => JSON.parse(request.body) as KubeObject;
