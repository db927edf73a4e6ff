export * from './clip.ts';
export * from './consumption.ts';
export * from './forecast-words.ts';
export * from './passed-over.ts';
export * from './untrusted-text.ts';
