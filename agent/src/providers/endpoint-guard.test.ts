import { describe, expect, it } from 'vitest';
import { isRefusedAddress, refusedURLReason } from './endpoint-guard.ts';
import { guardedLookup, RefusedAddress, type ResolveAll } from './guarded-lookup.ts';

describe('where a provider may not be', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    '0.0.0.0',
    '100.100.100.200',
    '168.63.129.16',
    '224.0.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fd00:ec2::254',
    '::',
    'ff02::1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::169.254.169.254',
    '2002:a9fe:a9fe::1',
    'not an address',
    '',
  ])('refuses %j', (address) => {
    expect(isRefusedAddress(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '10.0.0.7',
    '192.168.1.20',
    '104.18.6.192',
    '::1',
    'fd12:3456::1',
    '2606:4700::6812',
    '::ffff:10.0.0.7',
  ])('lets %j pass', (address) => {
    expect(isRefusedAddress(address)).toBe(false);
  });

  it.each([
    ['http://169.254.169.254/latest/meta-data', /link-local or metadata/],
    ['http://2852039166/', /link-local or metadata/],
    ['http://0xa9.0xfe.0xa9.0xfe/', /link-local or metadata/],
    ['http://[fe80::1]/v1', /link-local or metadata/],
    ['http://[::ffff:169.254.169.254]/v1', /link-local or metadata/],
    ['http://metadata.google.internal/computeMetadata', /metadata service/],
    ['http://METADATA.google.internal./x', /metadata service/],
    ['file:///etc/passwd', /not http/],
    ['https://user:secret@api.example.org/v1', /credentials/],
    ['https://127.0.0.1:6443/api', /control plane/],
  ])('refuses the URL %s', (url, reason) => {
    expect(refusedURLReason(new URL(url), ['127.0.0.1:6443'])).toMatch(reason);
  });

  it('lets an ordinary endpoint pass, also on loopback', () => {
    expect(refusedURLReason(new URL('http://127.0.0.1:11434/v1'), ['127.0.0.1:6443'])).toBeUndefined();
    expect(refusedURLReason(new URL('https://api.mistral.ai/v1'), [])).toBeUndefined();
  });
});

describe('a name that is resolved for a connection', () => {
  const resolvesTo =
    (...addresses: string[]): ResolveAll =>
    (_hostname, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  const look = (resolve: ResolveAll, all: boolean) =>
    new Promise((done) => guardedLookup(resolve)('api.example.org', { all }, (error, found) => done(error ?? found)));

  it('is refused when one of its addresses is, even if the first is harmless', async () => {
    expect(await look(resolvesTo('104.18.6.192', '169.254.169.254'), true)).toBeInstanceOf(RefusedAddress);
    expect(await look(resolvesTo('::ffff:169.254.169.254'), false)).toBeInstanceOf(RefusedAddress);
  });

  it('is connected to otherwise, in either form that is asked for', async () => {
    expect(await look(resolvesTo('104.18.6.192'), true)).toEqual([{ address: '104.18.6.192', family: 4 }]);
    expect(await look(resolvesTo('104.18.6.192'), false)).toBe('104.18.6.192');
  });

  it('fails as it would without the guard', async () => {
    const missing = Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    expect(await look((_hostname, _options, callback) => callback(missing, []), true)).toBe(missing);
  });
});
