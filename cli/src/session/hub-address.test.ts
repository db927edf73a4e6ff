import { describe, expect, it } from 'vitest';
import { hubAddress, hubPin } from './hub-address.ts';

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

describe('hubPin', () => {
  const pin = (digit: string) => `sha256:${digit.repeat(64)}`;
  const url = 'https://192.168.1.116:8000';

  it('goes by the flag, then RINGMASTER_FINGERPRINT, then the kubeconfig', () => {
    const env = { RINGMASTER_FINGERPRINT: pin('b') };
    expect(hubPin(url, { flag: pin('a'), env, extension: pin('c') })).toBe(pin('a'));
    expect(hubPin(url, { flag: undefined, env, extension: pin('c') })).toBe(pin('b'));
    expect(hubPin(url, { flag: undefined, env: {}, extension: pin('c') })).toBe(pin('c'));
  });

  it('is nothing in the clear, and nothing where nobody says it', () => {
    expect(hubPin('http://127.0.0.1:8000', { flag: undefined, env: {}, extension: pin('c') })).toBeUndefined();
    expect(hubPin(url, { flag: undefined, env: {}, extension: undefined })).toBeUndefined();
  });

  it('is never dropped for being wrong', () => {
    for (const flag of ['aa:bb', 'sha256:', pin('A'), '']) {
      expect(() => hubPin(url, { flag, env: {}, extension: undefined }), flag).toThrow('is no fingerprint');
    }
    expect(() => hubPin(url, { flag: undefined, env: {}, extension: 5 })).toThrow('is no fingerprint');
  });
});
