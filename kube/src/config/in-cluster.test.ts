import { FakeClock } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { loadInCluster } from './in-cluster.ts';

const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

describe('loadInCluster', () => {
  it('is undefined outside of a cluster', () => {
    expect(loadInCluster({ env: {} })).toBeUndefined();
  });

  it('reads token, CA and namespace of the service account, and a rotated token after a minute', () => {
    const files: Record<string, string> = { '/sa/token': 'one\n', '/sa/ca.crt': 'ca', '/sa/namespace': 'show\n' };
    const clock = new FakeClock();
    const readFile = (path: string) => files[path] ?? '';
    const config = loadInCluster({ env, readFile, clock, folder: '/sa' });
    expect(config).toMatchObject({ server: 'https://10.0.0.1:443', namespace: 'show', source: 'in-cluster' });
    expect(config?.credentials.current()).toEqual({ token: 'one', ca: 'ca' });
    files['/sa/token'] = 'two\n';
    expect(config?.credentials.current().token).toBe('one');
    clock.freeze(60_000);
    expect(config?.credentials.current().token).toBe('two');
  });

  it('reads a rotated token at once after the server refused the old one', () => {
    let token = 'one';
    const config = loadInCluster({ env, readFile: () => token, clock: new FakeClock(), folder: '/sa' });
    token = 'two';
    config?.credentials.refresh();
    expect(config?.credentials.current().token).toBe('two');
  });

  it('puts an IPv6 service address into brackets', () => {
    const config = loadInCluster({ env: { KUBERNETES_SERVICE_HOST: 'fd00::1' }, readFile: () => 'x' });
    expect(config?.server).toBe('https://[fd00::1]:443');
  });

  it('says what is missing when the service account is not mounted', () => {
    const readFile = () => {
      throw new Error('ENOENT');
    };
    expect(() => loadInCluster({ env, readFile })).toThrow(/automountServiceAccountToken/);
  });
});
