export interface ReadyFacts {
  seconds: number;
  /** One-time login URL; undefined where the hub gave none. */
  loginUrl: string | undefined;
  hubUrl: string;
  /** How other machines reach the hub; undefined where they cannot. */
  lan: { url: string; fingerprint: string } | undefined;
  kubeconfig: string;
  wagons: readonly { nodeID: string; port: number }[];
  rehearsal: boolean;
  /** The CLI finds this kubeconfig by itself from where we stand. */
  kubeconfigIsFound: boolean;
}

/** What is printed once everything answers. The word `ready` begins a line: scripts wait for it. */
export function readyBanner(facts: ReadyFacts): string {
  const { seconds, loginUrl, hubUrl, lan, kubeconfig, wagons, rehearsal, kubeconfigIsFound } = facts;
  const running =
    wagons
      .toSorted((a, b) => a.port - b.port)
      .map(({ nodeID, port }) => `${nodeID} :${port}`)
      .join(', ') || 'none';
  const exportLine = `export KUBECONFIG=${shellWord(kubeconfig)}`;
  return [
    '',
    `ready in ${seconds.toFixed(1)} s${rehearsal ? ', in REHEARSAL' : ''}`,
    '',
    `  hub         ${loginUrl ?? hubUrl}`,
    loginUrl
      ? '              (signs in once; another one: npx carnival open)'
      : '              (sign in: npx carnival open)',
    ...(lan
      ? [
          `  on the LAN  ${lan.url}`,
          `              (certificate ${lan.fingerprint})`,
          '              (another machine joins with: npx carnival join-token create)',
        ]
      : []),
    `  kubeconfig  ${kubeconfig}`,
    `  wagons      ${running}`,
    '',
    '  in another terminal:',
    ...(kubeconfigIsFound ? [] : [`    ${exportLine}`]),
    '    npx carnival run "Plan a tide chart for a small harbour" --wait',
    '    npx carnival status',
    ...(kubeconfigIsFound ? [`    ${exportLine}; kubectl get objectives -w`] : ['    kubectl get objectives -w']),
    '',
    '  Ctrl-C stops everything; started again it goes on where it was.',
    '',
  ].join('\n');
}

/** Quotes a word for a POSIX shell where it needs quotes. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
