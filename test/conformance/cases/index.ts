import type { Case } from '../case.ts';
import { APPLY_CASES } from './apply.ts';
import { APPLY_BODY_CASES } from './apply-bodies.ts';
import { APPLY_BUILTIN_CASES } from './apply-builtin.ts';
import { APPLY_KUBECTL_CASES } from './apply-kubectl.ts';
import { APPLY_LIST_CASES } from './apply-lists.ts';
import { APPLY_OWNER_CASES } from './apply-owners.ts';
import { BAD_JSON_CASES } from './bad-json.ts';
import { BUILTIN_CASES } from './builtin.ts';
import { CEL_COST_CASES } from './cel-cost.ts';
import { COLLECTION_CASES } from './collection.ts';
import { CRD_VERSION_CASES } from './crd-versions.ts';
import { CRD_CASES } from './crds.ts';
import { CRUD_CASES } from './crud.ts';
import { DELETION_CASES } from './deletions.ts';
import { DISCOVERY_CASES } from './discovery.ts';
import { DOCUMENT_CASES } from './documents.ts';
import { DRY_RUN_CASES } from './dry-run.ts';
import { ERROR_CASES } from './errors.ts';
import { GATE_CASES } from './gate.ts';
import { IMMUTABLE_CASES } from './immutable.ts';
import { KUBECTL_CASES } from './kubectl.ts';
import { KUBECTL_MATRIX_CASES } from './kubectl-matrix/index.ts';
import { LIMIT_CASES } from './limits.ts';
import { LIST_CASES } from './lists.ts';
import { MANAGED_FIELDS_CASES } from './managed-fields.ts';
import { OWNER_CASES } from './owners.ts';
import { PATCH_CASES } from './patches.ts';
import { RARITY_CASES } from './rarities.ts';
import { RESTART_CASES } from './restart.ts';
import { STATUS_CASES } from './status.ts';
import { TABLE_CASES } from './tables.ts';
import { VALIDATION_CASES } from './validation.ts';
import { WATCH_CASES } from './watches.ts';
import { YAML_CASES } from './yaml-bodies.ts';

/** All cases. Those that make or remove kinds come late: discovery is the same for the others. Restarts come last. */
export const CASES: Case[] = [
  ...GATE_CASES,
  ...CRUD_CASES,
  ...PATCH_CASES,
  ...STATUS_CASES,
  ...VALIDATION_CASES,
  ...BUILTIN_CASES,
  ...LIST_CASES,
  ...WATCH_CASES,
  ...TABLE_CASES,
  ...ERROR_CASES,
  ...BAD_JSON_CASES,
  ...YAML_CASES,
  ...LIMIT_CASES,
  ...IMMUTABLE_CASES,
  ...DRY_RUN_CASES,
  ...DELETION_CASES,
  ...OWNER_CASES,
  ...RARITY_CASES,
  ...DOCUMENT_CASES,
  ...DISCOVERY_CASES,
  ...COLLECTION_CASES,
  ...APPLY_CASES,
  ...APPLY_LIST_CASES,
  ...APPLY_OWNER_CASES,
  ...APPLY_BODY_CASES,
  ...APPLY_BUILTIN_CASES,
  ...MANAGED_FIELDS_CASES,
  ...APPLY_KUBECTL_CASES,
  ...KUBECTL_CASES,
  ...KUBECTL_MATRIX_CASES,
  ...CRD_CASES,
  ...CEL_COST_CASES,
  ...CRD_VERSION_CASES,
  ...RESTART_CASES,
];
