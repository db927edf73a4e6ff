import { describe, expect, it } from 'vitest';
import { hubAddress } from './hub-address.ts';

const EXTENSION = 'http://127.0.0.1:8000';

describe('hubAddress', () => {
  it('goes by the flag, then RINGMASTER_URL, then the kubeconfig', () => {
    const env = { RINGMASTER_URL: 'https://hub.lan/' };
    expect(hubAddress({ flag: 'https://h:1/x/', env, extension: EXTENSION })).toBe('https://h:1/x');
    expect(hubAddress({ flag: undefined, env, extension: EXTENSION })).toBe('https://hub.lan');
    expect(hubAddress({ flag: undefined, env: {}, extension: EXTENSION })).toBe(EXTENSION);
  });

  it('sends no token over plain http but to this machine', () => {
    for (const url of ['http://192.168.1.116:8000', 'http://hub.lan', 'http://127.evil.example']) {
      expect(() => hubAddress({ flag: url, env: {}, extension: undefined }), url).toThrow('over plain http');
    }
    for (const url of ['http://localhost:1', 'http://[::1]:1'])
      hubAddress({ flag: url, env: {}, extension: undefined });
  });

  it('says what to give where there is none, or nonsense', () => {
    expect(() => hubAddress({ flag: undefined, env: {}, extension: undefined })).toThrow('give --hub URL');
    expect(() => hubAddress({ flag: 'ftp://x', env: {}, extension: undefined })).toThrow(
      '--hub ftp://x is no http(s) URL',
    );
  });
});
