/** Whether this run counts a tier that cannot run as a failure: CARNIVAL_REQUIRE_TIERS is `all`, or a list of tiers with commas. */
export function requiresTier(name: string, env: NodeJS.ProcessEnv = process.env): boolean {
  return (env['CARNIVAL_REQUIRE_TIERS'] ?? '').split(',').some((tier) => tier === 'all' || tier === name);
}
