import {
  ANNOTATIONS,
  API_VERSION,
  isSelfRegistered,
  type KubeObject,
  LABELS,
  nodeIdToName,
  REGISTRATION_SELF,
  WAGON_TOKEN_KEY,
  WAGONS,
  type Wagon,
  wagonSpecSchema,
  wagonTokenSecretName,
} from '@dark-carnival/crds';
import { ApiError, type KubeClient, SECRETS, type Secret } from '@dark-carnival/kube';
import type {
  CreateWagonOutcome,
  InvalidRegistration,
  IssueTokenOutcome,
  NameTaken,
  Registration,
  TokenRequest,
  WagonRegistry,
} from '../ports/wagon-registry.ts';

const TOKEN_BYTES = 32;

/** Stricter than what a person may declare: it comes from outside, and is shown in terminals, logs and URLs. */
const NODE_ID = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,50}[A-Za-z0-9])?$/;
const CLAIM = /^sha256:[0-9a-f]{64}$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

type Client = Pick<KubeClient, 'find' | 'create'>;

/**
 * The registry as objects of Kubernetes: a label tells what came by itself from what was declared. Only creates, and a create of what exists is refused, so no
 * fence is needed.
 */
export class KubeWagonRegistry implements WagonRegistry {
  readonly #client: Client;
  readonly #randomBytes: (size: number) => Buffer;

  constructor(client: Client, randomBytes: (size: number) => Buffer) {
    this.#client = client;
    this.#randomBytes = randomBytes;
  }

  async issueToken(namespace: string, request: TokenRequest): Promise<IssueTokenOutcome> {
    const refused = problemOf(namespace, request);
    if (refused) return refused;
    const wagon = nodeIdToName(request.nodeID);
    const held = await this.#client.find<Wagon>(WAGONS, { namespace, name: wagon });
    if (held && !isOwn(held, request.nodeID)) return taken(wagon, held);
    const token = this.#randomBytes(TOKEN_BYTES).toString('base64url');
    if (await this.#create(SECRETS, tokenSecret(namespace, request, token))) return { outcome: 'issued', wagon, token };
    const secret = await this.#client.find<Secret>(SECRETS, { namespace, name: wagonTokenSecretName(wagon) });
    const known = secret && tokenForClaim(secret, request);
    return known === undefined ? taken(wagon, secret) : { outcome: 'issued', wagon, token: known };
  }

  async createWagon(namespace: string, registration: Registration): Promise<CreateWagonOutcome> {
    const refused = problemOf(namespace, registration);
    if (refused) return refused;
    const wagon = nodeIdToName(registration.nodeID);
    if (await this.#create(WAGONS, wagonObject(namespace, registration))) return { outcome: 'created', wagon };
    const held = await this.#client.find<Wagon>(WAGONS, { namespace, name: wagon });
    return held && isOwn(held, registration.nodeID) ? { outcome: 'exists', wagon } : taken(wagon, held);
  }

  async registrationOf(namespace: string, wagon: string): Promise<Registration | undefined> {
    const secret = await this.#client.find<Secret>(SECRETS, { namespace, name: wagonTokenSecretName(wagon) });
    if (!secret || !isSelfRegistered(secret.metadata.labels)) return undefined;
    const registration = {
      nodeID: secret.metadata.annotations?.[ANNOTATIONS.nodeID] ?? '',
      role: secret.metadata.labels?.[LABELS.role] ?? '',
    };
    const fits = !problemOf(namespace, registration) && nodeIdToName(registration.nodeID) === wagon;
    return fits ? registration : undefined;
  }

  /** @returns whether it was made; false where one of that name exists. */
  async #create(resource: typeof WAGONS, object: KubeObject): Promise<boolean> {
    try {
      await this.#client.create(resource, object);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.isAlreadyExists) return false;
      throw error;
    }
  }
}

/** Whether a Wagon is the one of this registration: not declared, and of the same spelling. */
const isOwn = (wagon: Wagon, nodeID: string): boolean =>
  isSelfRegistered(wagon.metadata.labels) && wagon.spec?.nodeID === nodeID;

/** The token of an earlier answer, for whoever proves to be the same wagon. */
function tokenForClaim(secret: Secret, { nodeID, claim }: TokenRequest): string | undefined {
  const { annotations } = secret.metadata;
  const same =
    isSelfRegistered(secret.metadata.labels) &&
    claim !== undefined &&
    annotations?.[ANNOTATIONS.registrationClaim] === claim &&
    annotations[ANNOTATIONS.nodeID] === nodeID;
  if (!same) return undefined;
  return Buffer.from(secret.data?.[WAGON_TOKEN_KEY] ?? '', 'base64').toString('utf8') || undefined;
}

function taken(wagon: string, held: KubeObject | undefined): NameTaken {
  const how =
    held && isSelfRegistered(held.metadata.labels)
      ? `another wagon has joined as ${wagon}: choose another NODE_ID, or start it with the data folder of that one`
      : `${wagon} was declared: choose another NODE_ID, or start it with the token of Secret ${wagonTokenSecretName(wagon)}`;
  return { outcome: 'taken', message: how };
}

function problemOf(namespace: string, { nodeID, role, claim }: TokenRequest): InvalidRegistration | undefined {
  const invalid = (message: string): InvalidRegistration => ({ outcome: 'invalid', message });
  if (!NAMESPACE.test(namespace)) return invalid('the namespace is no name of a namespace');
  if (!NODE_ID.test(nodeID)) return invalid('NODE_ID must be 1 to 52 letters, digits, dots, dashes or underscores');
  if (nodeIdToName(nodeID) === 'all') return invalid('NODE_ID all is reserved: it means every wagon');
  if (!wagonSpecSchema.shape.role.safeParse(role).success) {
    return invalid('NODE_ROLE must be 1 to 63 letters, digits, dots, dashes or underscores, such as CORE or OSINT');
  }
  if (claim !== undefined && !CLAIM.test(claim)) return invalid('the claim must be a SHA-256');
  return undefined;
}

const labelsOf = ({ role }: Registration): Record<string, string> => ({
  [LABELS.registration]: REGISTRATION_SELF,
  [LABELS.role]: role,
});

function tokenSecret(namespace: string, request: TokenRequest, token: string): Secret {
  const { nodeID, claim } = request;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: wagonTokenSecretName(nodeIdToName(nodeID)),
      namespace,
      labels: labelsOf(request),
      annotations: {
        [ANNOTATIONS.nodeID]: nodeID,
        ...(claim === undefined ? {} : { [ANNOTATIONS.registrationClaim]: claim }),
      },
    },
    type: 'Opaque',
    data: { [WAGON_TOKEN_KEY]: Buffer.from(token, 'utf8').toString('base64') },
  };
}

function wagonObject(namespace: string, registration: Registration): KubeObject {
  const { nodeID, role } = registration;
  return {
    apiVersion: API_VERSION,
    kind: WAGONS.kind,
    metadata: { name: nodeIdToName(nodeID), namespace, labels: labelsOf(registration) },
    spec: { nodeID, role, runtime: { type: 'External' }, providers: [] },
  } as KubeObject;
}
