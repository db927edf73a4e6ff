/** What an Azure URL says: the base that the OpenAI wire wants, and the deployment where the URL names one. */
export interface AzureEndpoint {
  base: string;
  deployment?: string;
  /** The URL was of a retired route, so the base is another place on the same host. */
  isRewritten: boolean;
}

/** Whether a host is one of Azure's, where keys go into the header `api-key`. */
export const isAzureHost = (hostname: string): boolean => hostname.toLowerCase().endsWith('.azure.com');

/**
 * Reads an Azure endpoint in any of the forms that its portal has shown over the years, and gives the one that stays: `/openai/v1`, no
 * api-version, deployment as model. `/models` and `/deployments/X` are the retired ones.
 * @returns undefined where the host is not Azure's: then the URL is meant as it stands.
 */
export function readAzureEndpoint(url: string): AzureEndpoint | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, hostname, pathname, username, password } = new URL(url);
  if (protocol !== 'https:' || !isAzureHost(hostname) || username !== '' || password !== '') return undefined;
  const deployment = /\/deployments\/([^/]+)/.exec(pathname)?.[1];
  // A serverless endpoint belongs to one model and has no resource path.
  const path = hostname.endsWith('.models.ai.azure.com') ? '/v1' : '/openai/v1';
  const trimmed = pathname.replace(/\/(chat\/completions|responses|completions|models)?\/*$/, '');
  return {
    base: `https://${host}${path}`,
    ...(deployment === undefined ? {} : { deployment: decoded(deployment) }),
    isRewritten: /\/deployments\/|^\/models(\/|$)/.test(pathname) || !['', path, '/openai'].includes(trimmed),
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
