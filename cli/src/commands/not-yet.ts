/** Commands that are promised, and come with a later version. */
const LATER = new Set([
  'wagon',
  'join-token',
  'diff',
  'pause',
  'resume',
  'retry',
  'rerun',
  'broadcast',
  'stop-all',
  'resume-all',
  'improve',
  'revert',
  'doctor',
]);

/** What to do meanwhile, with kubectl. */
const MEANWHILE: Readonly<Record<string, string>> = {
  pause: `kubectl patch objective NAME --type merge --field-manager=darkcarnival-control -p '{"spec":{"desiredState":"Paused"}}'`,
  resume: `kubectl patch objective NAME --type merge --field-manager=darkcarnival-control -p '{"spec":{"desiredState":"Running"}}'`,
  retry: `kubectl patch objective NAME --type merge --field-manager=darkcarnival-control -p '{"spec":{"retry":1}}'`,
  wagon: 'kubectl apply a Wagon with runtime.type Process',
  doctor: 'carnival status',
};

/** The hint for a command that is not there yet; undefined for one that never will be. */
export function notYet(name: string): string | undefined {
  if (!LATER.has(name)) return undefined;
  const meanwhile = MEANWHILE[name];
  return `carnival ${name} is not in this version yet${meanwhile === undefined ? '' : `; meanwhile: ${meanwhile}`}`;
}
