import { formatJoinToken } from '@dark-carnival/crds';
import { describe, expect, it } from 'vitest';
import { providerKeyName, readSettings, scrubEnvironment } from './config.ts';

const TOKEN = { CARNIVAL_WAGON_TOKEN: 'a-long-enough-token' };
const JOIN_TOKEN = formatJoinToken({
  url: 'http://127.0.0.1:8000',
  namespace: 'fleet',
  id: 'abcdef0123',
  secret: 's'.repeat(43),
});
const readConfig = (
  args: string[],
  env: Record<string, string | undefined>,
  hostname: string,
  files: readonly string[] = [],
) => readSettings(args, env, { hostname, isFile: (path) => files.includes(path) });

describe('what a wagon is told at its start', () => {
  it('needs nothing but a token: everything else has a default', () => {
    const config = readConfig([], TOKEN, 'box.local');
    expect(config).toMatchObject({
      nodeID: 'box.local',
      nodeIDIsGiven: false,
      port: 8080,
      maxConcurrentJobs: 2,
      exitWithParent: false,
    });
    expect(config.ringmasterUrl).toBeUndefined();
    expect(config.dataFolder.endsWith('.carnival/wagons/box-local')).toBe(true);
  });

  it('takes flags over the environment, and an empty variable as absent', () => {
    const env = {
      ...TOKEN,
      NODE_ID: 'LXC-CORE',
      PORT: '8081',
      NODE_ROLE: '',
      RINGMASTER_URL: 'http://127.0.0.1:8000/',
    };
    const config = readConfig(['--port', '0', '--exit-with-parent'], env, 'box');
    expect(config).toMatchObject({ nodeID: 'LXC-CORE', nodeIDIsGiven: true, port: 0, exitWithParent: true });
    expect(config.role).toBeUndefined();
    expect(config.ringmasterUrl).toBe('http://127.0.0.1:8000');
  });

  it.each([
    {
      name: 'half a join token',
      env: { CARNIVAL_JOIN_TOKEN: JOIN_TOKEN.slice(0, -9) },
      says: /CARNIVAL_JOIN_TOKEN is no/,
    },
    {
      name: 'a fingerprint that is none',
      env: { RINGMASTER_FINGERPRINT: 'aa:bb' },
      says: /FINGERPRINT must be sha256:/,
    },
    { name: 'a Redis that is none', env: { REDIS_URL: 'http://x' }, says: /REDIS_URL must be a redis/ },
    { name: 'a token with a space', env: { CARNIVAL_WAGON_TOKEN: 'has a space' }, says: /CARNIVAL_WAGON_TOKEN must/ },
    { name: 'a port that is none', env: { PORT: '70000' }, says: /PORT must be a whole number from 0 to 65535/ },
    { name: 'the reserved name', env: { NODE_ID: 'ALL' }, says: /NODE_ID must not be "all"/ },
    { name: 'a name of nothing', env: { NODE_ID: '---' }, says: /NODE_ID must hold a letter/ },
    { name: 'a hub that is no URL', env: { RINGMASTER_URL: 'hub' }, says: /RINGMASTER_URL must be an http/ },
    { name: 'a password in the URL', env: { RINGMASTER_URL: 'http://a:b@hub' }, says: /RINGMASTER_URL must carry no/ },
    {
      name: 'a range that is none',
      env: { CARNIVAL_ALLOWED_CIDRS: '10.0.0.0' },
      says: /CARNIVAL_ALLOWED_CIDRS must list/,
    },
    {
      name: 'a collector that is no URL',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
      says: /OTEL_EXPORTER_OTLP_ENDPOINT must be an http/,
    },
    { name: 'no slots', env: { MAX_CONCURRENT_JOBS: '0' }, says: /MAX_CONCURRENT_JOBS must be/ },
  ])('refuses $name with one line that names the setting', ({ env, says }) => {
    expect(() => readConfig([], { ...TOKEN, ...env }, 'box')).toThrow(says);
  });

  it('refuses a flag that it does not know, and a token as one without saying it back', () => {
    expect(() => readConfig(['--colour', 'x'], TOKEN, 'box')).toThrow(/Unknown option '--colour'/);
    for (const args of [['--join-token', JOIN_TOKEN], [`--join-token=${JOIN_TOKEN}`], ['--token', 'canary']]) {
      expect(() => readConfig(args, TOKEN, 'box')).toThrow(
        /set CARNIVAL_(JOIN|WAGON)_TOKEN in the environment or .env$/,
      );
    }
  });

  it('takes a join token, and never repeats one that it refuses', () => {
    expect(readConfig([], { CARNIVAL_JOIN_TOKEN: JOIN_TOKEN }, 'box').joinToken).toMatchObject({ namespace: 'fleet' });
    const refusal = (() => {
      try {
        return String(readConfig([], { CARNIVAL_JOIN_TOKEN: `${JOIN_TOKEN}-canary` }, 'box'));
      } catch (error) {
        return String(error);
      }
    })();
    expect(refusal).not.toContain('canary');
  });

  it('keeps its own things below those of a carnival up that has the same folder', () => {
    const folder = (env: Record<string, string>, files: string[] = []) =>
      readConfig(['--node-id', 'A'], env, 'box', files).dataFolder;
    expect(folder({ CARNIVAL_DATA: '/srv/own' })).toBe('/srv/own');
    expect(folder({ CARNIVAL_DATA: '/srv/up' }, ['/srv/up/kubeconfig'])).toBe('/srv/up/wagons/a');
    const here = readConfig([], {}, 'box', [`${process.cwd()}/.carnival/kubeconfig`]);
    expect(here.localCarnival).toBe(`${process.cwd()}/.carnival`);
    expect(here.dataFolder).toBe(`${process.cwd()}/.carnival/wagons/box`);
  });

  it('finds provider keys by name, and leaves no secret in the environment', () => {
    const secrets = { ...TOKEN, CARNIVAL_KEY_MY_KIMI: 'sk-1', CARNIVAL_JOIN_TOKEN: JOIN_TOKEN };
    const env: Record<string, string | undefined> = { ...secrets, PATH: '/bin' };
    const config = readConfig([], env, 'box');
    expect(config.providerKeys.get(providerKeyName('my.kimi'))).toBe('sk-1');
    scrubEnvironment(env);
    expect(env).toEqual({ PATH: '/bin' });
  });

  it("reads the original's variables for providers of its own, takes their keys out, and none where it is supervised", () => {
    const env: Record<string, string | undefined> = {
      ...TOKEN,
      AZURE_API_KEY: 'az-1',
      KIMI_ENDPOINT: 'https://r.services.ai.azure.com/models',
      ANTHROPIC_API_KEY: 'an-1',
      MISTRAL_ENDPOINT: 'https://r.services.ai.azure.com',
      PATH: '/bin',
    };
    const { ownProviders } = readConfig([], env, 'box');
    expect(ownProviders?.grants).toMatchObject([
      { name: 'kimi', endpoint: 'https://r.services.ai.azure.com/openai/v1', apiKey: 'az-1' },
      { name: 'mistral', apiKey: 'az-1' },
      { name: 'claude', type: 'Anthropic', apiKey: 'an-1' },
    ]);
    expect(ownProviders?.notes.join()).toContain('retired route of Azure');
    expect(readConfig(['--exit-with-parent'], env, 'box').ownProviders).toBeUndefined();
    scrubEnvironment(env);
    expect(Object.keys(env).sort()).toEqual(['KIMI_ENDPOINT', 'MISTRAL_ENDPOINT', 'PATH']);
  });

  it('knows a Pod by what the kubelet sets, and which private ranges its owner allows', () => {
    const pod = { ...TOKEN, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    expect(readConfig([], TOKEN, 'box').cluster).toBeUndefined();
    expect(readConfig([], pod, 'box').cluster).toEqual({ apiServer: 'fd00::1:6443', allowedCIDRs: [] });
    const ranges = { ...pod, CARNIVAL_ALLOWED_CIDRS: '10.20.0.0/16, fd00:1::/64' };
    expect(readConfig([], ranges, 'box').cluster?.allowedCIDRs).toEqual(['10.20.0.0/16', 'fd00:1::/64']);
  });
});
