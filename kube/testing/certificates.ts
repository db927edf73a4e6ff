import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

/** A certificate and its key, both PEM. */
export interface Identity {
  certificate: string;
  key: string;
}

/** A certificate authority of one test. */
export interface TestAuthority {
  /** Its own certificate, PEM. */
  ca: string;
  /** A certificate for 127.0.0.1 and localhost, or of a client with that common name. */
  issue(commonName: string): Identity;
}

/**
 * Makes a throw-away CA. Node can sign but not write X.509, and a test should not need openssl nor carry keys that expire, so the few DER
 * structures (RFC 5280) are written here.
 */
export function createTestAuthority(): TestAuthority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = 'test-ca';
  const ca = certificate({ subject: issuer, issuer, publicKey, signer: privateKey, isCa: true });
  return {
    ca,
    issue(commonName) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return {
        certificate: certificate({ subject: commonName, issuer, publicKey: pair.publicKey, signer: privateKey }),
        key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

interface CertificateInput {
  subject: string;
  issuer: string;
  publicKey: KeyObject;
  signer: KeyObject;
  isCa?: boolean;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const ECDSA_WITH_SHA256 = der(SEQUENCE, oid('2a8648ce3d040302'));

function certificate({ subject, issuer, publicKey, signer, isCa = false }: CertificateInput): string {
  const day = 86_400_000;
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(8)]);
  const tbs = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    name(issuer),
    der(SEQUENCE, utcTime(Date.now() - day), utcTime(Date.now() + day)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, ...(isCa ? [basicConstraints()] : [subjectAltName()]))),
  );
  const signature = createSign('SHA256').update(tbs).sign(signer);
  const whole = der(SEQUENCE, tbs, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const size = Buffer.from(body.length.toString(16).padStart(4, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, body]);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function name(commonName: string): Buffer {
  return der(SEQUENCE, der(SET, der(SEQUENCE, oid('550403'), der(0x0c, Buffer.from(commonName)))));
}

function utcTime(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
}

function basicConstraints(): Buffer {
  const isCa = der(SEQUENCE, der(0x01, Buffer.from([0xff])));
  return der(SEQUENCE, oid('551d13'), der(0x01, Buffer.from([0xff])), der(0x04, isCa));
}

function subjectAltName(): Buffer {
  const names = der(SEQUENCE, der(0x87, Buffer.from([127, 0, 0, 1])), der(0x82, Buffer.from('localhost')));
  return der(SEQUENCE, oid('551d11'), der(0x04, names));
}
