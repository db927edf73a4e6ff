/** Whether a comma-separated list of host names has a host: whole names only, so a list never means more than it says. */
export function allowsHost(list: string | undefined, host: string): boolean {
  return (list ?? '').split(',').some((entry) => entry.trim().toLowerCase() === host);
}
