import type { Difference } from './run/compare.ts';

/** A difference that is wanted, and why. One that no longer occurs fails the suite too: then its line here is out of date. */
export interface KnownDifference {
  /** Name of the case, or a pattern for several. */
  case: string | RegExp;
  /** Where the outcomes differ: `<step>.<path>`. */
  at: RegExp;
  reason: string;
  /** Depends on the real server's surroundings, such as its version of etcd, and so may be absent. */
  sometimes?: boolean;
  /** Only with a kubectl older than 1.<this>. */
  kubectlBefore?: number;
}

const NAMES_ITSELF =
  'a path that is not served is answered by a Status that names the local engine; the real one sometimes answers plain text';
const NO_YAML = 'answers are JSON only, which is all that our processes and kubectl ask for';
const GO_WORDS = 'the words of a Go library, with the names of its types';
const YAML_WORDS =
  'the words and the line are those of the YAML library here: Go counts lines from elsewhere in each error';
const METHODS =
  'a method that makes no sense at a path is an honest 405; the real one takes or refuses it by accident of its routing';
const ONE_DOMAIN = 'the local engine is one trust domain and says so';
const NO_V2 =
  'kubectl before 1.27 reads what it validates, explains and may try in a dry run from OpenAPI v2, of which only an empty document is served';
const NOT_ALLOWED =
  'a rule may call what decides the same in both engines, and no more: it is refused with its CRD rather than run differently';
const ADVICE = 'advice that changes nothing is not given';

export const KNOWN_DIFFERENCES: KnownDifference[] = [
  { case: 'paths that are not served answer 404', at: /^[0-5]\.(contentType|body)/, reason: NAMES_ITSELF },
  { case: 'discovery of our groups', at: /^[34]\.(contentType|body)$/, reason: NAMES_ITSELF },
  { case: 'OpenAPI of our kinds', at: /^2\.(contentType|body)/, reason: NAMES_ITSELF, sometimes: true },
  { case: 'kubectl diff and get --raw', at: /^3\.stderr\.0$/, reason: NAMES_ITSELF },
  { case: 'crd: created, served, extended, removed', at: /^9\.(contentType|body)/, reason: NAMES_ITSELF },
  {
    case: 'paths that only look like those that are served answer 404',
    at: /^\d+\.(contentType|body)/,
    reason: NAMES_ITSELF,
  },
  { case: 'methods that are not allowed answer 405', at: /^[0126]\.(status|contentType|body)/, reason: METHODS },

  { case: 'yaml bodies are taken', at: /^2\./, reason: NO_YAML },
  { case: 'what cannot be accepted answers 406', at: /^[012]\.body\.message$/, reason: NO_YAML },
  { case: 'discovery, aggregated and plain, of what can be accepted', at: /^[467]\.body\.message$/, reason: NO_YAML },
  { case: 'yaml: bodies that are none answer 400', at: /^\d+\.body\.message$/, reason: YAML_WORDS },

  {
    case: /^server-side apply of YAML that cannot be read$|^server-side apply needs a manager/,
    at: /^[0-4]\.body\.message$/,
    reason: GO_WORDS,
  },
  { case: 'create of another kind than the path is refused', at: /^1\.body\.message$/, reason: GO_WORDS },
  { case: 'limit and continue that are none answer 400', at: /^[23]\.body\.message$/, reason: GO_WORDS },
  {
    case: 'owner references that are none are refused',
    at: /^1\.body\.(message|details\.causes\.0\.message)$/,
    reason: 'members are printed sorted, not in the order of a Go struct',
  },
  { case: 'crd: schemas that are not structural are refused', at: /^0\.body\./, reason: GO_WORDS, sometimes: true },

  {
    case: 'objects of more than the limit of a message between server and store are refused',
    at: /^[04]\.body\.message$/,
    reason: 'the real one names the bytes of a message to its store, and there is none here: it is too large in both',
  },
  {
    case: 'a patch that takes kind or version away, of what is built in and what is not',
    at: /^[247]\.(warnings\.0|body\.message)$/,
    reason: 'the words of a conversion to an internal version, which is not made here: it is refused in both',
  },
  {
    case: 'ranges that are accepted, of what is built in and what is not',
    at: /^\d+\.body\.message$/,
    reason: NO_YAML,
  },
  {
    case: 'ranges that are accepted, of what is built in and what is not',
    at: /^\d+\.body\.(details|serverAddressByClientCIDRs\.0)$/,
    reason: 'the real one adds empty details for what is built in, and its address',
  },
  {
    case: 'the range of all applications, of what is built in and what is not',
    at: /^[2-6]\./,
    reason: 'a range that JSON is in is taken everywhere; the real one takes it for custom resources alone',
  },

  {
    case: 'cel cost: rules that are wrong are told with those that are too dear',
    at: /^(0\.body\.details\.causes\.\d|1\.body\.details\.causes\.1)\.message$/,
    reason: GO_WORDS,
  },
  {
    case: 'cel cost: what a rule costs while it runs',
    at: /^3\./,
    reason:
      'the CEL library counts nothing while it evaluates and has no hook to count by: only the estimate made with the CRD bounds what a rule costs here',
  },
  { case: 'cel cost: functions that are not served are refused', at: /^[0-4]\./, reason: NOT_ALLOWED },

  {
    case: /^create of another version|^a patch cannot rename/,
    at: /warnings\.0$/,
    reason: 'the real one warns of every field of a version that it does not know',
  },
  { case: 'create with invalid labels, annotations and finalizers is refused', at: /^3\.warnings\.0$/, reason: ADVICE },

  {
    case: 'a wrong token answers 401',
    at: /^1\./,
    reason: '/version needs no token, as health does not: a client may ask what it talks to before it has one',
  },
  { case: 'reviews of oneself', at: /^[01]\.body\.status\.reason$/, reason: ONE_DOMAIN },
  { case: 'reviews of oneself', at: /^3\.body\.status\.userInfo\.uid$/, reason: "the real one's test user has a uid" },

  {
    case: /^discovery of|get --raw$/,
    at: /storageVersionHash$/,
    reason: 'there is one storage version, and so nothing to migrate',
  },
  {
    case: 'discovery of what is built in',
    at: /serverAddressByClientCIDRs/,
    reason: 'there is one address, which the client already has',
  },
  {
    case: 'OpenAPI of our kinds',
    at: /DeleteOptions\.x-kubernetes-group-version-kind/,
    reason: 'only the groups that are served are listed',
  },
  {
    case: 'kubectl matrix: what is served, and what one may do',
    at: /^1[56]\.stdout\.(2|3|9|10)$/,
    reason: "the real one's test user has a uid",
  },
  {
    case: 'kubectl matrix: which groups are served, and by whom',
    at: /^0\.stdout\./,
    reason: 'only the groups that this project needs are served',
  },
  {
    case: 'kubectl matrix: which groups are served, and by whom',
    at: /^[12]\.stdout\./,
    reason: 'its version names the local engine, and what it runs on',
  },
  {
    case: 'kubectl matrix: which groups are served, and by whom',
    at: /^3\./,
    reason: 'cluster-info lists Services, which are not served',
  },
  {
    case: 'kubectl matrix: patch of each type, of several objects and of the status',
    at: /^(15|16|25)\.stderr\.0$/,
    reason: GO_WORDS,
  },
  {
    case: 'kubectl matrix: what is wrong is told in the same words',
    at: /^(7|29)\./,
    reason: 'there are no pods, nor another kind of the category all',
  },
  {
    case: 'kubectl matrix: what is wrong is told in the same words',
    at: /^25\.stderr\.0$/,
    reason: ONE_DOMAIN,
  },
  {
    case: /^kubectl explain$|^kubectl matrix: explain|^kubectl apply of what is invalid|^kubectl apply --dry-run|^kubectl matrix: apply as a dry run/,
    at: /./,
    reason: NO_V2,
    kubectlBefore: 27,
  },
  {
    case: /^kubectl diff --server-side|^kubectl apply --server-side of what is refused$/,
    at: /./,
    reason: NO_V2,
    kubectlBefore: 27,
  },
  {
    case: 'kubectl matrix: what is wrong is told in the same words',
    at: /^20\./,
    reason: NO_V2,
    kubectlBefore: 27,
  },
  { case: 'kubectl describe', at: /^8\.stdout\.[45]$/, reason: 'there are no quotas and no limit ranges to describe' },

  {
    case: 'watch with a resourceVersion that is none answers 400',
    at: /^0\./,
    reason: 'the real one answers 500 without a reason, which is a fault of its own',
  },
  {
    case: 'restart: a watch from before it',
    at: /^8\./,
    reason:
      'the history lies on disk, and a watch goes on where it was; the real one has it in memory, and its clients list again',
  },
  {
    case: 'gc: orphaned dependents of both kinds stay, and a policy that comes later counts',
    at: /^[89]\.body\.metadata\.resourceVersion$/,
    reason: 'the workers of the real collector release the dependents of an owner side by side, in any order',
    sometimes: true,
  },
  {
    case: 'watch sends a bookmark for an initial list that is asked for',
    at: /^2\./,
    reason: 'needs RequestWatchProgress: with an etcd before 3.4.25 the real one cannot do it',
    sometimes: true,
  },
];

/** The entry that covers a difference, if any. @param kubectl the minor version of the kubectl that the case was run with */
export function knownDifference(name: string, { at }: Difference, kubectl?: number): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(
    (known) =>
      (typeof known.case === 'string' ? known.case === name : known.case.test(name)) &&
      known.at.test(at) &&
      (known.kubectlBefore === undefined || (kubectl !== undefined && kubectl < known.kubectlBefore)),
  );
}
