export { FINGERPRINT, fingerprintOf } from './fingerprint.ts';
export { connectPinned, PinMismatch, type PinnedAddress, pinnedConnector, pinnedCreateConnection } from './pinning.ts';
export { readIfPresent, writePrivateFile } from './private-file.ts';
export { type SelfSignedCertificate, selfSignedCertificate } from './self-signed-certificate.ts';
export { type ServerCertificate, serverCertificate } from './server-certificate.ts';
