export * from './clip.ts';
export * from './untrusted-text.ts';
