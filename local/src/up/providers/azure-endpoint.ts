/** What an Azure URL says: the base that the OpenAI wire wants, and the deployment where the URL names one. */
export interface AzureEndpoint {
  base: string;
  deployment?: string;
}

/**
 * Reads an Azure endpoint in any of the forms that its portal has shown over the years, and gives the one that stays: `/openai/v1`, no
 * api-version, deployment as model. `/models` and `/deployments/X` are the retired ones.
 * @returns undefined where the host is not Azure's: then the URL is meant as it stands.
 */
export function readAzureEndpoint(url: string): AzureEndpoint | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, hostname, pathname } = new URL(url);
  if (protocol !== 'https:' || !hostname.endsWith('.azure.com')) return undefined;
  const deployment = /\/deployments\/([^/]+)/.exec(pathname)?.[1];
  // A serverless endpoint belongs to one model and has no resource path.
  const path = hostname.endsWith('.models.ai.azure.com') ? '/v1' : '/openai/v1';
  return {
    base: `https://${host}${path}`,
    ...(deployment === undefined ? {} : { deployment: decodeURIComponent(deployment) }),
  };
}
