import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  FIELD_MANAGERS,
  type HubVaultList,
  type KubeObject,
  MUTABLE,
  OBJECTIVES,
  type Objective,
  objectiveSpecSchema,
  toStructuralSchema,
} from '@dark-carnival/crds';
import { CONFIG_MAPS } from '@dark-carnival/kube';
import { loadAll } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { type Stack, startStack } from '../harness/stack.ts';

/** Every file of manifests/samples, as people use it: applied with kubectl, debated, approved, done. */
const folder = join(import.meta.dirname, '../../manifests/samples');
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
const documents = (file: string) => loadAll(readFileSync(join(folder, file), 'utf8')) as KubeObject[];
const nameOf = (file: string) => file.replace(/\.yaml$/, '');

const hasKubectl = (() => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
if (!hasKubectl)
  console.warn('SKIPPED samples with kubectl: it is not installed. The API client applies them instead.');

const mutableFields = Object.entries(toStructuralSchema(objectiveSpecSchema).properties ?? {})
  .filter(([, member]) => member[MUTABLE] === true)
  .map(([field]) => field);

describe('the files of manifests/samples', () => {
  it('are six, and the README has a row for each', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(files).toHaveLength(6);
    for (const file of files) expect(readme, file).toContain(`[\`${file}\`](${file})`);
  });

  it.each(files)('%s holds one Objective of its name, which the schema accepts', (file) => {
    const objectives = documents(file).filter(({ kind }) => kind === 'Objective');
    expect(objectives.map(({ metadata }) => metadata.name)).toEqual([nameOf(file)]);
    expect(objectiveSpecSchema.safeParse(objectives[0]?.spec).error?.issues ?? []).toEqual([]);
  });

  it.each(files)('%s holds no field that somebody changes later, but for a first budget', (file) => {
    expect(mutableFields).toContain('intervention');
    for (const { kind, spec } of documents(file)) {
      if (kind !== 'Objective') continue;
      const held = Object.keys(spec as object).filter((field) => mutableFields.includes(field) && field !== 'budget');
      expect(held).toEqual([]);
    }
  });
});

describe('the samples on the local engine', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.stop());

  const kubectl = async (...args: string[]) =>
    (await promisify(execFile)('kubectl', args, { env: { ...process.env, KUBECONFIG: stack.kubeconfig } })).stdout;
  const objective = (file: string) =>
    stack.client.get<Objective>(OBJECTIVES, { namespace: 'default', name: nameOf(file) });
  const reaches = (file: string, phase: string) =>
    eventually(
      async () => {
        const found = await objective(file);
        if (['Failed', 'Aborted', 'Expired'].includes(found.status?.phase ?? ''))
          throw new Error(JSON.stringify(found.status));
        return found.status?.phase === phase ? found : undefined;
      },
      { timeoutMs: 90_000, what: `${file} to be ${phase}` },
    );

  it('are accepted by the API without a word about any field', async () => {
    for (const object of files.flatMap(documents)) {
      const namespaced = { ...object, metadata: { ...object.metadata, namespace: 'default' } };
      const resource = object.kind === 'Objective' ? OBJECTIVES : CONFIG_MAPS;
      await stack.client.create(resource, namespaced, { fieldValidation: 'Strict', dryRun: hasKubectl });
    }
  });

  it.skipIf(!hasKubectl)('are applied with kubectl, and are unchanged when applied again', async () => {
    const first = await kubectl('apply', '-f', folder);
    const again = await kubectl('apply', '-f', folder);
    for (const file of files) {
      expect(first).toContain(`objective.darkcarnival.dev/${nameOf(file)} created`);
      expect(again).toContain(`objective.darkcarnival.dev/${nameOf(file)} unchanged`);
    }
  });

  it.each(files)('%s reaches the gate with a plan within its own limits', async (file) => {
    const { spec, status } = await reaches(file, 'AwaitingHuman');
    expect(status?.plan?.taskCount).toBeGreaterThanOrEqual(1);
    expect(status?.plan?.taskCount).toBeLessThanOrEqual(spec?.execution.maxTasks ?? 0);
    expect(status?.debate?.turns).toHaveLength(3 * (spec?.debate.rounds ?? 0));
  });

  it.each(files)('%s is completed after an approval, with files in the vault', async (file) => {
    const { status } = await objective(file);
    const request = status?.approvalRequest;
    const value = { requestID: request?.id, planHash: request?.planHash, decision: 'Approve', decidedBy: 'samples' };
    const operations = [{ op: 'add', path: '/spec/intervention', value }] as const;
    const ref = { namespace: 'default', name: nameOf(file) };
    await stack.client.patch(OBJECTIVES, ref, { type: 'json', operations }, { fieldManager: FIELD_MANAGERS.approval });
    const done = await reaches(file, 'Completed');
    expect(done.status?.tasks?.map(({ state }) => state)).toEqual(done.status?.tasks?.map(() => 'Succeeded'));
    const answer = await fetch(`${stack.hubUrl}/api/vault?objective=${nameOf(file)}`, {
      headers: { authorization: `Bearer ${stack.token}` },
    });
    const vault = (await answer.json()) as HubVaultList;
    expect(vault.unreachable).toEqual([]);
    expect(vault.files.map(({ sha256 }) => sha256).sort()).toEqual(
      done.status?.tasks?.map(({ artifact }) => artifact?.sha256).sort(),
    );
  });
});
