export * from './certificates.ts';
export * from './eventually.ts';
export * from './http-server.ts';
export * from './widget-server.ts';
