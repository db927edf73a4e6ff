import { z } from 'zod';
import { conditionsField, observedGenerationField } from '../meta/condition.ts';
import { API_VERSION, GROUP, VERSION } from '../meta/labels.ts';
import type { KubeObject, ResourceRef } from '../meta/object-meta.ts';
import { digest, integer, list, objectName, oneOf, text, time, VALIDATIONS, word } from '../schema/fields.ts';
import { type KindDefinition, NAME_LENGTH_RULE, READY_REASON_AND_AGE } from './kind.ts';

/** Names a wagon's place. Each has one member of the same name in lower camel case, but the type Process and its `process`. */
export const WAGON_RUNTIMES = ['Pod', 'ProxmoxLXC', 'External', 'Process'] as const;

const quantity = (description: string) =>
  text(description, { min: 1, max: 32, pattern: /^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/ });
const labels = (description: string) =>
  z.record(z.string(), text('value of one label.', { max: 63 })).meta({ description, maxProperties: 16 });

const podRuntime = z
  .object({
    image: text('image that runs the wagon; absent: the image of the release.', { min: 1, max: 512 }).optional(),
    resources: z
      .object({
        requests: z
          .record(z.string(), quantity('amount of one resource.'))
          .meta({ description: 'requests of the container.', maxProperties: 8 })
          .optional(),
        limits: z
          .record(z.string(), quantity('amount of one resource.'))
          .meta({ description: 'limits of the container.', maxProperties: 8 })
          .optional(),
      })
      .meta({ description: 'resources of the container.' })
      .optional(),
    storage: quantity('storage is the size of the volume that holds vault and journal.').optional(),
    runtimeClassName: objectName('runtimeClassName picks a sandboxed container runtime, such as gvisor.').optional(),
    nodeSelector: labels('nodeSelector picks the nodes that may run the pod.').optional(),
    tolerations: list(
      'tolerations let the pod onto tainted nodes.',
      z.object({
        key: text('key of the taint.', { max: 317 }).optional(),
        operator: oneOf('operator compares the value.', ['Exists', 'Equal']).optional(),
        value: text('value of the taint.', { max: 63 }).optional(),
        effect: oneOf('effect of the taint.', ['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
      }),
      { max: 16 },
    ).optional(),
  })
  .meta({ description: 'pod runs the wagon in the cluster.' });

const lxcRuntime = z
  .object({
    connectionRef: objectName('connectionRef names the Secret that holds the Proxmox connection.'),
    node: text('node of the Proxmox cluster; absent: the one with most free memory.', { min: 1, max: 63 }).optional(),
    template: text('template that is cloned.', { min: 1, max: 128 }).optional(),
    pool: text('pool that the container joins.', { min: 1, max: 64 }).optional(),
    storage: text('storage for the root disk.', { min: 1, max: 64 }).optional(),
    cores: integer('cores of the container.', 1, 128).optional(),
    memoryMiB: integer('memoryMiB of the container.', 128, 1_048_576).optional(),
    diskGiB: integer('diskGiB of the root disk.', 1, 8192).optional(),
    bridge: text('bridge of the network card.', { min: 1, max: 32 }).optional(),
    vlan: integer('vlan tag of the network card.', 1, 4094).optional(),
  })
  .meta({ description: 'proxmoxLXC clones the wagon from a Proxmox template.' });

const runtime = z
  .object({
    type: oneOf('type says where the wagon runs; exactly the member of that type may be set.', WAGON_RUNTIMES),
    pod: podRuntime.optional(),
    proxmoxLXC: lxcRuntime.optional(),
    external: z
      .object({
        url: text('url at which the wagon answers; absent for one that registered itself.', {
          min: 1,
          max: 512,
          pattern: /^https?:\/\/[^\s/]+(\/[^\s]*)?$/,
        }).optional(),
      })
      .meta({ description: 'external is a wagon that somebody else starts.' })
      .optional(),
    process: z
      .object({ port: integer('port on loopback that the wagon listens on.', 1, 65_535) })
      .meta({ description: 'process runs the wagon as a process beside the local engine.' })
      .optional(),
  })
  .meta({
    description: 'runtime says where and how the wagon runs.',
    [VALIDATIONS]: [
      { rule: "!has(self.pod) || self.type == 'Pod'", message: 'pod is for type Pod' },
      { rule: "!has(self.proxmoxLXC) || self.type == 'ProxmoxLXC'", message: 'proxmoxLXC is for type ProxmoxLXC' },
      { rule: "!has(self.external) || self.type == 'External'", message: 'external is for type External' },
      {
        rule: "has(self.process) == (self.type == 'Process')",
        message: 'process is required for type Process, and only there',
      },
      {
        rule: "self.type != 'ProxmoxLXC' || has(self.proxmoxLXC)",
        message: 'proxmoxLXC is required for type ProxmoxLXC',
      },
    ],
  });

export const wagonSpecSchema = z.object({
  nodeID: text('nodeID is the name that people use, such as LXC-CORE; metadata.name is its lower-case form.', {
    min: 1,
    max: 64,
  }),
  role: text('role of the wagon: CORE, OSINT, MEDIA, or your own word.', {
    min: 1,
    max: 63,
    pattern: /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
  }),
  runtime,
  maxConcurrentJobs: integer('maxConcurrentJobs is how many assignments the wagon works on at once.', 1, 64).default(2),
  scheduling: oneOf(
    'scheduling: Enabled takes new work; Cordoned finishes what it has; Draining also hands tasks over.',
    ['Enabled', 'Cordoned', 'Draining'],
  ).default('Enabled'),
  evictAfterSeconds: integer('evictAfterSeconds without a heartbeat make the wagon stale.', 35, 3600).default(35),
  retainAfterEvictionSeconds: integer(
    'retainAfterEvictionSeconds keep the object of an evicted wagon that had registered itself.',
    0,
    31_536_000,
  ).default(86_400),
  vaultPolicy: oneOf('vaultPolicy says what happens to the files when the wagon is deleted.', [
    'Retain',
    'Delete',
  ]).default('Retain'),
  providers: list(
    'providers are the ModelProviders whose keys this wagon is granted; absent: all, for a wagon that was declared.',
    objectName('name of a ModelProvider.'),
    { max: 32, type: 'set' },
  ).optional(),
  skills: list(
    'skills that are injected into every prompt on this wagon.',
    text('name of a skill.', { min: 1, max: 64 }),
    { max: 32, type: 'set' },
  ).optional(),
});

export const WAGON_PHASES = ['Provisioning', 'Ready', 'Stale', 'Draining', 'Evicted', 'Failed'] as const;

export const wagonStatusSchema = z.object({
  conditions: conditionsField.optional(),
  observedGeneration: observedGenerationField.optional(),
  phase: oneOf('phase of the wagon.', WAGON_PHASES).optional(),
  address: text('address is the base URL at which the wagon answers.', {
    max: 512,
    pattern: /^[\x21-\x7e]*$/,
  }).optional(),
  tlsFingerprint: digest(
    'tlsFingerprint of the certificate that the wagon serves https with: every call to it is refused to anybody else.',
  ).optional(),
  version: text('version that the wagon said it runs.', { max: 64, pattern: /^[\x20-\x7e]*$/ }).optional(),
  instanceID: text('instanceID changes each time the wagon starts.', { max: 64, pattern: /^[\x21-\x7e]*$/ }).optional(),
  lastHeartbeatTime: time(
    'lastHeartbeatTime is when the wagon was last heard before the latest transition; the live age comes from the hub.',
  ).optional(),
  jobs: z
    .object({
      running: integer('running assignments at the last transition.', 0, 10_000),
      capacity: integer('capacity for assignments.', 0, 10_000),
    })
    .meta({ description: 'jobs on the wagon.' })
    .optional(),
  awaitingHuman: integer(
    'awaitingHuman counts the Objectives of this wagon that wait for a person.',
    0,
    1_000_000,
  ).optional(),
  providers: list(
    'providers as probed from this wagon.',
    z.object({
      name: objectName('name of the ModelProvider.'),
      healthy: oneOf('healthy says whether the provider answered its last probe.', ['True', 'False', 'Unknown']),
      model: text('model that would answer.', { max: 128 }).optional(),
      reason: word('reason for the health.').optional(),
    }),
    { max: 32, type: 'map', keys: ['name'] },
  ).optional(),
  sandbox: oneOf('sandbox is the strongest level for commands that the wagon found.', [
    'None',
    'Process',
    'Landlock',
    'Pod',
  ]).optional(),
  vault: z
    .object({
      files: integer('files in the vault.', 0, 100_000_000),
      bytes: integer('bytes in the vault.', 0, Number.MAX_SAFE_INTEGER),
    })
    .meta({ description: 'vault size, written at most once in ten minutes.' })
    .optional(),
});

export type WagonSpec = z.output<typeof wagonSpecSchema>;
export type WagonStatus = z.output<typeof wagonStatusSchema>;
export type WagonPhase = (typeof WAGON_PHASES)[number];
export type Wagon = KubeObject<WagonSpec, WagonStatus>;

export const WAGONS: ResourceRef = {
  group: GROUP,
  version: VERSION,
  plural: 'wagons',
  kind: 'Wagon',
  namespaced: true,
};

export const wagonKind: KindDefinition = {
  kind: 'Wagon',
  plural: 'wagons',
  singular: 'wagon',
  shortNames: ['wg'],
  description: `Wagon is one agent runtime: a process, pod or container that hosts debates, runs tasks and keeps a vault (${API_VERSION}).`,
  spec: wagonSpecSchema,
  status: wagonStatusSchema,
  rootRules: [
    NAME_LENGTH_RULE,
    { rule: "self.metadata.name != 'all'", message: 'the name all is reserved: it means every wagon' },
  ],
  columns: [
    { name: 'Role', type: 'string', jsonPath: '.spec.role', description: 'Role of the wagon' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Phase of the wagon' },
    {
      name: 'Jobs',
      type: 'integer',
      jsonPath: '.status.jobs.running',
      description: 'Assignments at the last transition',
    },
    { name: 'Runtime', type: 'string', jsonPath: '.spec.runtime.type', description: 'Where it runs', priority: 1 },
    { name: 'Address', type: 'string', jsonPath: '.status.address', description: 'Where it answers', priority: 1 },
    ...READY_REASON_AND_AGE,
  ],
  selectableFields: ['.spec.role', '.status.phase'],
};
