const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?|(\[?::ffff:)127(\.\d{1,3}){3}\]?)$/;

/** Whether a host name or address never leaves this machine, as it stands in a URL or in a socket's address. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK.test(host.toLowerCase());

/** Whether a URL leads to this machine, so that plain http is as good as https. False for what is no URL. */
export const isLoopbackUrl = (url: string): boolean => URL.canParse(url) && isLoopbackHost(new URL(url).hostname);
