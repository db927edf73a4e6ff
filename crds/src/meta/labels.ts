/** The API group of every kind here. */
export const GROUP = 'darkcarnival.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

/** Labels and annotations, in one place so that nobody spells them twice. */
export const LABELS = {
  /** Wagon's role, mirrored by the controller on objects that it creates. */
  role: `${GROUP}/role`,
  /** Name of the Objective that an object (a plan, a round) belongs to. */
  objective: `${GROUP}/objective`,
  /** A Secret opts in to being read as a provider's key by carrying this label (any value). */
  providerCredentials: `${GROUP}/provider-credentials`,
  /** `batch` or `manual`, on ImprovementRuns. */
  trigger: `${GROUP}/trigger`,
  /** Groups the Objectives of one global event. */
  event: `${GROUP}/event`,
  /** On a Wagon and on its token: `REGISTRATION_SELF` where the wagon came by itself, with a join token. Absent: somebody declared it. */
  registration: `${GROUP}/registration`,
  /** On the Secret that holds the join tokens of a namespace. */
  joinTokens: `${GROUP}/join-tokens`,
} as const;

/** Value of `LABELS.registration` of a wagon that registered itself. */
export const REGISTRATION_SELF = 'Self';

/** Whether an object (a Wagon, its token) is of a wagon that registered itself, by its labels. */
export const isSelfRegistered = (labels: Readonly<Record<string, string>> | undefined): boolean =>
  labels?.[LABELS.registration] === REGISTRATION_SELF;

export const ANNOTATIONS = {
  /** On an Objective that `carnival stop-all` has paused: when. `resume-all` lets go on what carries it, and nothing that somebody paused on their own. */
  stoppedAt: `${GROUP}/stopped-at`,
  /** On a fresh copy that `carnival rerun` made: name of the Objective that it is a copy of. */
  rerunOf: `${GROUP}/rerun-of`,
  /** On a Secret that holds a key: comma-separated host names that the key may be sent to. */
  allowedHosts: `${GROUP}/allowed-hosts`,
  /** On the token of a wagon that registered itself: its nodeID, so that a deleted object can be made anew. */
  nodeID: `${GROUP}/node-id`,
  /** On the same: SHA-256 of what only that wagon knows, so that a lost answer can be asked for again by it and by nobody else. */
  registrationClaim: `${GROUP}/registration-claim`,
  /** On the election Lease: where the leader takes heartbeats that other replicas pass on. */
  internalAddress: `${GROUP}/internal-address`,
  /** On the same: the only certificate that is talked to there. */
  internalFingerprint: `${GROUP}/internal-fingerprint`,
  /** On the same: the machine that a loopback address is of. */
  internalHostName: `${GROUP}/internal-host-name`,
} as const;

/** Cancels assignments on wagons before an Objective goes. */
export const OBJECTIVE_FINALIZER = `${GROUP}/assignments`;

/** Name of the Lease by which one controller leads. */
export const LEADER_LEASE = 'dark-carnival-controller';

/** Field managers: named so that GitOps tools leave the fields alone (api.md, "The gate"). */
export const FIELD_MANAGERS = {
  approval: 'darkcarnival-approval',
  control: 'darkcarnival-control',
  controller: 'darkcarnival-controller',
  up: 'darkcarnival-up',
} as const;

/** ConfigMap that changes the default provider chains of a namespace. */
export const DEFAULTS_CONFIGMAP = 'carnival-defaults';

/** Secret that holds a wagon's token, and the key in it. */
export const wagonTokenSecretName = (wagonName: string): string => `${wagonName}-token`;
export const WAGON_TOKEN_KEY = 'token';

/** Secret that holds the join tokens of a namespace: hashes, uses and ends, by id. */
export const JOIN_TOKENS_SECRET = 'carnival-join-tokens';

/** NODE_ID as people spell it (LXC-CORE) to metadata.name (lxc-core): lower case, everything else to `-`. */
export function nodeIdToName(nodeID: string): string {
  return nodeID
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 52)
    .replace(/-+$/, '');
}
