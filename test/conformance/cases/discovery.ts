import type { Case } from '../case.ts';
import { get, post } from './bodies.ts';

const AGGREGATED = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' };

export const DISCOVERY_CASES: Case[] = [
  {
    name: 'discovery of our groups',
    steps: [
      get('/apis/darkcarnival.dev'),
      get('/apis/darkcarnival.dev/v1alpha1'),
      get('/apis/conformance.darkcarnival.dev/v1'),
      get('/apis/nope.example.com'),
      get('/apis/darkcarnival.dev/v9'),
    ],
  },
  {
    name: 'discovery of what is built in',
    steps: [get('/api'), get('/apis/coordination.k8s.io'), get('/apis/apiextensions.k8s.io/v1')],
  },
  { name: 'health', steps: [get('/healthz'), get('/readyz'), get('/livez')] },
  {
    name: 'OpenAPI of our kinds',
    steps: [
      get('/openapi/v3/apis/darkcarnival.dev/v1alpha1'),
      get('/openapi/v3/apis/conformance.darkcarnival.dev/v1'),
      get('/openapi/v3/apis/nope.example.com/v1'),
    ],
  },
  {
    name: 'reviews of oneself',
    steps: [
      post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
          resourceAttributes: { group: 'darkcarnival.dev', resource: 'objectives', verb: 'create', namespace: '{ns}' },
        },
      }),
      post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { nonResourceAttributes: { path: '/healthz', verb: 'get' } },
      }),
      post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {},
      }),
      post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'SelfSubjectReview',
      }),
      get('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'),
    ],
  },
  {
    name: 'aggregated discovery is of its own content type',
    steps: [{ method: 'HEAD', path: '/apis', headers: AGGREGATED }],
  },
];
