const DEFAULT_HOST = 'http://127.0.0.1:11434';

/** OLLAMA_HOST as Ollama itself reads it: with or without scheme and port; an address to listen on becomes one to call. */
export function ollamaUrl(host: string | undefined): string {
  if (!host) return DEFAULT_HOST;
  const withScheme = /^https?:\/\//.test(host) ? host : `http://${host}`;
  if (!URL.canParse(withScheme)) return DEFAULT_HOST;
  const url = new URL(withScheme);
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.hostname === '[::]') url.hostname = '[::1]';
  if (url.port === '' && url.protocol === 'http:' && !/:80(\/|$)/.test(withScheme)) url.port = '11434';
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
