import { aWagon } from '@dark-carnival/crds/testing';
import { describe, expect, it } from 'vitest';
import { launchOf } from './wagon-launch.ts';

const launch = (parts: Parameters<typeof aWagon>[0] = {}) => launchOf(aWagon(parts), '/data/wagons');

describe('launchOf', () => {
  it('runs a Process wagon on loopback, with a folder of its own', () => {
    expect(launch()?.env).toEqual({
      NODE_ID: 'LXC-CORE',
      NODE_ROLE: 'CORE',
      HOST: '127.0.0.1',
      PORT: '8080',
      CARNIVAL_NAMESPACE: 'default',
      CARNIVAL_DATA: '/data/wagons/lxc-core',
      MAX_CONCURRENT_JOBS: '2',
    });
    expect(launch({ metadata: { namespace: 'other' } })?.env['CARNIVAL_DATA']).toBe('/data/wagons/other_lxc-core');
  });

  it('leaves other runtimes to others', () => {
    expect(launch({ spec: { runtime: { type: 'External', external: { url: 'http://x' } } } })).toBeUndefined();
    expect(launch({ spec: { runtime: { type: 'Pod' } } })).toBeUndefined();
  });

  it('starts anew what no longer fits its object, and nothing for a change that does not touch the process', () => {
    const digest = launch()?.digest;
    expect(launch({ spec: { evictAfterSeconds: 60 } })?.digest).toBe(digest);
    expect(launch({ status: { phase: 'Stale' } })?.digest).toBe(digest);
    expect(launch({ spec: { runtime: { type: 'Process', process: { port: 9 } } } })?.digest).not.toBe(digest);
    expect(launch({ spec: { role: 'OSINT' } })?.digest).not.toBe(digest);
    expect(launch({ metadata: { uid: 'another' } })?.digest).not.toBe(digest);
  });

  it('lets a draining wagon run on: its vault is still read', () => {
    const enabled = launch()?.digest;
    expect(launch({ spec: { scheduling: 'Draining' }, status: { phase: 'Draining' } })?.digest).toBe(enabled);
  });

  it('ends one that is being deleted', () => {
    expect(launch({ metadata: { deletionTimestamp: '2026-11-24T00:00:00Z' } })).toBeUndefined();
  });
});
