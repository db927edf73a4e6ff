export type { VaultEntry } from './catalogue.ts';
export * from './vault.ts';
export * from './vault-error.ts';
export { transcriptPath } from './vault-name.ts';
