import { describe, expect, it } from 'vitest';
import { isLoopbackHost, isLoopbackUrl } from './loopback.ts';

describe('loopback', () => {
  it.each(['127.0.0.1', '127.9.9.9', 'localhost', 'LOCALHOST', '::1', '[::1]', '::ffff:127.0.0.1'])('is %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each([
    '',
    '192.168.1.116',
    '127.evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '1.127.0.0',
    '::2',
  ])('is not %j', (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });

  it('is told of a URL by its host, however an address is written', () => {
    expect(['http://127.0.0.1:8000', 'http://[::1]:1', 'http://2130706433'].every(isLoopbackUrl)).toBe(true);
    expect(['http://10.0.0.1', 'nonsense', 'http://127.0.0.1@evil.example'].some(isLoopbackUrl)).toBe(false);
  });
});
