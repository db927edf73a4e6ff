export { readIfPresent, writePrivateFile } from './private-file.ts';
export { type ServerCertificate, serverCertificate } from './server-certificate.ts';
