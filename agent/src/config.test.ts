import { describe, expect, it } from 'vitest';
import { providerKeyName, readConfig, scrubEnvironment } from './config.ts';

const TOKEN = { CARNIVAL_WAGON_TOKEN: 'a-long-enough-token' };

describe('what a wagon is told at its start', () => {
  it('needs nothing but a token: everything else has a default', () => {
    const config = readConfig([], TOKEN, 'box.local');
    expect(config).toMatchObject({
      nodeID: 'box.local',
      role: 'CORE',
      host: '127.0.0.1',
      port: 8080,
      namespace: 'default',
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
    expect(config).toMatchObject({ nodeID: 'LXC-CORE', port: 0, role: 'CORE', exitWithParent: true });
    expect(config.ringmasterUrl).toBe('http://127.0.0.1:8000');
  });

  it.each([
    { name: 'no token', env: { CARNIVAL_WAGON_TOKEN: undefined }, says: /CARNIVAL_WAGON_TOKEN is missing/ },
    { name: 'a token with a space', env: { CARNIVAL_WAGON_TOKEN: 'has a space' }, says: /CARNIVAL_WAGON_TOKEN must/ },
    { name: 'a port that is none', env: { PORT: '70000' }, says: /PORT must be a whole number from 0 to 65535/ },
    { name: 'the reserved name', env: { NODE_ID: 'ALL' }, says: /NODE_ID must not be "all"/ },
    { name: 'a name of nothing', env: { NODE_ID: '---' }, says: /NODE_ID must hold a letter/ },
    { name: 'a hub that is no URL', env: { RINGMASTER_URL: 'hub' }, says: /RINGMASTER_URL must be an http/ },
    { name: 'a password in the URL', env: { RINGMASTER_URL: 'http://a:b@hub' }, says: /RINGMASTER_URL must carry no/ },
    { name: 'no slots', env: { MAX_CONCURRENT_JOBS: '0' }, says: /MAX_CONCURRENT_JOBS must be/ },
  ])('refuses $name with one line that names the setting', ({ env, says }) => {
    expect(() => readConfig([], { ...TOKEN, ...env }, 'box')).toThrow(says);
  });

  it('refuses a flag that it does not know, and has none for the token', () => {
    expect(() => readConfig(['--token', 'x'], TOKEN, 'box')).toThrow(/Unknown option '--token'/);
  });

  it('finds provider keys by name, and leaves no secret in the environment', () => {
    const env: Record<string, string | undefined> = { ...TOKEN, CARNIVAL_KEY_MY_KIMI: 'sk-1', PATH: '/bin' };
    const config = readConfig([], env, 'box');
    expect(config.providerKeys.get(providerKeyName('my.kimi'))).toBe('sk-1');
    scrubEnvironment(env);
    expect(env).toEqual({ PATH: '/bin' });
  });
});
