import {
  type ApprovalRequest,
  FIELD_MANAGERS,
  interventionSchema,
  OBJECTIVES,
  type Objective,
} from '@dark-carnival/crds';
import { CliError, usageError } from '../cli-error.ts';
import type { Session } from '../session/session.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { interventionFor, interventionPatch, type Verdict } from './gate.ts';
import { warnOfGitOps } from './gitops-owner.ts';
import { whyNothingToDecide } from './standing.ts';

const MIN_HASH_DIGITS = 12;

/** What has been done with the plan, in words. */
export const DONE: Readonly<Record<Verdict['decision'], string>> = {
  Approve: 'approved',
  Feedback: 'sent back with your feedback',
  Abort: 'aborted',
};

/**
 * The open request of an Objective.
 * @param pinned `--plan-hash`: the whole hash, or its beginning of at least 12 digits.
 * @throws CliError where none is open, or it is about another plan than the pinned one.
 */
export function openRequest(objective: Objective, pinned?: string): ApprovalRequest {
  const request = objective.status?.approvalRequest;
  if (!request) throw new CliError(whyNothingToDecide(objective));
  if (pinned === undefined) return request;
  const digits = pinned.toLowerCase().replace(/^sha256:/, '');
  if (!/^[0-9a-f]{12,64}$/.test(digits)) {
    throw usageError(`--plan-hash takes sha256: and at least ${MIN_HASH_DIGITS} hexadecimal digits of the hash`);
  }
  if (!request.planHash.startsWith(`sha256:${digits}`)) {
    throw new CliError(
      `${objective.metadata.name} now asks about another plan (${request.planHash}): look at it with carnival plan ${objective.metadata.name}`,
    );
  }
  return request;
}

/**
 * Writes a decision about exactly this request.
 * @returns the Objective as written.
 * @throws CliError (usage) for feedback that the API would not take; ApiError when the gate refuses, e.g. because somebody else was faster.
 */
export async function decide(
  session: Session,
  objective: Objective,
  request: ApprovalRequest,
  verdict: Verdict,
  terminal: Pick<Terminal, 'note'>,
): Promise<Objective> {
  warnOfGitOps(objective, ['intervention'], terminal);
  const intervention = interventionFor(request, verdict, await session.username());
  const problem = interventionSchema.safeParse(intervention).error?.issues[0];
  if (problem) throw usageError(`${problem.path.join('.')}: ${problem.message}`);
  const { name } = objective.metadata;
  return session.client.patch<Objective>(
    OBJECTIVES,
    { name, namespace: session.namespace },
    interventionPatch(intervention),
    { fieldManager: FIELD_MANAGERS.approval },
  );
}
