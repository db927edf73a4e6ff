import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKubeconfig } from '@dark-carnival/kube';
import { dump, load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readServerPort, writeHubExtension } from './kubeconfig-extension.ts';

let dir: string;
let path: string;
const KUBECONFIG = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'carnival', cluster: { server: 'https://127.0.0.1:6443' } }],
  users: [{ name: 'admin', user: { token: 'abc' } }],
  contexts: [{ name: 'carnival', context: { cluster: 'carnival', user: 'admin' } }],
  'current-context': 'carnival',
};
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'carnival-kubeconfig-'));
  path = join(dir, 'kubeconfig');
  writeFileSync(path, dump(KUBECONFIG));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the hub in the kubeconfig', () => {
  it('is found by the loader, and everything else stays', () => {
    writeHubExtension(path, { hub: 'http://127.0.0.1:8000' });
    expect(loadKubeconfig({ path, env: {} }).hubUrl).toBe('http://127.0.0.1:8000');
    expect(load(readFileSync(path, 'utf8'))).toMatchObject({ ...KUBECONFIG, clusters: [{ name: 'carnival' }] });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['kubeconfig']);
  });

  it('replaces the one of an earlier start, beside the extensions of others', () => {
    const theirs = { name: 'minikube.sigs.k8s.io', extension: { version: '1' } };
    const cluster = { server: 'https://127.0.0.1:1', extensions: [theirs] };
    writeFileSync(path, dump({ ...KUBECONFIG, clusters: [{ name: 'carnival', cluster }] }));
    writeHubExtension(path, { hub: 'http://127.0.0.1:1' });
    writeHubExtension(path, { hub: 'http://127.0.0.1:2' });
    expect(loadKubeconfig({ path, env: {} }).hubUrl).toBe('http://127.0.0.1:2');
    expect(load(readFileSync(path, 'utf8'))).toMatchObject({ clusters: [{ cluster: { extensions: [theirs, {}] } }] });
  });

  it('comes with its certificate where it is on a network, and without where it no longer is', () => {
    const lan = { url: 'https://192.168.1.116:8000', fingerprint: `sha256:${'ab'.repeat(32)}` };
    writeHubExtension(path, { hub: 'http://127.0.0.1:8000', lan });
    const { hubUrl, extension } = loadKubeconfig({ path, env: {} });
    expect([hubUrl, extension]).toEqual([
      'http://127.0.0.1:8000',
      { hub: 'http://127.0.0.1:8000', lanHub: lan.url, fingerprint: lan.fingerprint },
    ]);
    writeHubExtension(path, { hub: 'http://127.0.0.1:8000' });
    expect(loadKubeconfig({ path, env: {} }).extension).toEqual({ hub: 'http://127.0.0.1:8000' });
  });

  it('is not written into what is no kubeconfig', () => {
    writeFileSync(path, 'clusters: 1');
    expect(() => writeHubExtension(path, { hub: 'http://127.0.0.1:1' })).toThrow('is no kubeconfig');
  });
});

describe('readServerPort', () => {
  it('knows the port of the last start, of a local server only', () => {
    expect(readServerPort(path)).toBe(6443);
    writeFileSync(path, dump({ clusters: [{ cluster: { server: 'https://10.0.0.1:6443' } }] }));
    expect(readServerPort(path)).toBeUndefined();
    expect(readServerPort(join(dir, 'missing'))).toBeUndefined();
  });
});
