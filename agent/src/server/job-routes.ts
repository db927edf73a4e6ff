import { type Assignment, assignmentSchema, holdRequestSchema, parseJobID } from '@dark-carnival/crds';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PutResult } from '../jobs/job-service.ts';
import { Refusal } from './refusal.ts';
import type { ServerDeps } from './server-deps.ts';

/** Context and history make an assignment large; beyond this it is a mistake. */
const MAX_ASSIGNMENT_BYTES = 48 * 1024 * 1024;
const RETRY_AFTER_SECONDS = '2';

interface JobParams {
  Params: { id: string };
  Querystring: { leaderEpoch?: unknown };
}

/** `PUT`, `GET` and `DELETE /api/jobs/{id}` and its `hold`: the controller's orders, and the truth about them. */
export function jobRoutes(app: FastifyInstance, { jobs, identity }: ServerDeps): void {
  app.put<JobParams>('/api/jobs/:id', { bodyLimit: MAX_ASSIGNMENT_BYTES }, (request, reply) => {
    const assignment = readAssignment(request.params.id, request.body, identity.namespace);
    const result = jobs.put(assignment);
    if (result.decision === 'create' || result.decision === 'same')
      return reply.code(result.decision === 'create' ? 201 : 200).send(result.status);
    throw refusalOf(result, jobs.leaderEpoch);
  });

  app.get<JobParams>('/api/jobs/:id', (request) => {
    const status = jobs.status(request.params.id);
    if (status === undefined) throw unknownJob(request.params.id);
    return status;
  });

  app.put<JobParams>('/api/jobs/:id/hold', (request) => {
    const { id } = request.params;
    if (parseJobID(id) === undefined) throw unknownJob(id);
    const order = holdRequestSchema.safeParse(request.body);
    if (!order.success)
      throw new Refusal(422, 'InvalidHold', 'the body must be {"held": true or false, "leaderEpoch": number}');
    if (!jobs.admitEpoch(order.data.leaderEpoch)) throw staleEpoch(jobs.leaderEpoch);
    const status = jobs.hold(id, order.data.held);
    if (status === undefined) throw unknownJob(id);
    return status;
  });

  app.delete<JobParams>('/api/jobs/:id', (request) => {
    const { id } = request.params;
    if (parseJobID(id) === undefined) throw unknownJob(id);
    const epoch = epochOf(request);
    if (epoch !== undefined && !jobs.admitEpoch(epoch)) throw staleEpoch(jobs.leaderEpoch);
    const status = jobs.cancel(id);
    if (status === undefined) throw unknownJob(id);
    return status;
  });
}

export function unknownJob(id: string): Refusal {
  return new Refusal(404, 'NotFound', `this wagon has no job ${JSON.stringify(id.slice(0, 120))}`);
}

function readAssignment(id: string, body: unknown, namespace: string): Assignment {
  const parsed = assignmentSchema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Refusal(422, 'InvalidAssignment', `${issue?.path.join('.') || 'the body'}: ${issue?.message}`);
  }
  const assignment = parsed.data;
  const key = parseJobID(assignment.id);
  if (assignment.id !== id) throw new Refusal(422, 'InvalidAssignment', 'id in the body is not the id in the path');
  if (key?.uid !== assignment.objective.uid)
    throw new Refusal(422, 'InvalidAssignment', 'id does not begin with the uid of its Objective');
  if (assignment[key.kind] === undefined)
    throw new Refusal(422, 'InvalidAssignment', `an id of kind ${key.kind} needs the member ${key.kind}`);
  if (assignment.objective.namespace !== namespace)
    throw new Refusal(403, 'WrongNamespace', `this wagon serves namespace ${namespace} only`);
  return assignment;
}

function refusalOf(result: Exclude<PutResult, { decision: 'create' | 'same' }>, seen: number): Refusal {
  switch (result.decision) {
    case 'differs': {
      const { heldDigest } = result;
      const message = `this wagon holds the job with other inputs: ${heldDigest}`;
      return new Refusal(409, 'InputsDiffer', message, { details: { inputsDigest: heldDigest } });
    }
    case 'stale-epoch':
      return staleEpoch(seen);
    case 'superseded':
      return new Refusal(409, 'Superseded', 'a younger attempt is here, or this one was cancelled before it came');
    case 'full':
      return new Refusal(429, 'Full', 'every slot is taken', { headers: { 'retry-after': RETRY_AFTER_SECONDS } });
    case 'stopping':
      return new Refusal(503, 'Stopping', 'the wagon stops', { headers: { 'retry-after': RETRY_AFTER_SECONDS } });
  }
}

function staleEpoch(seen: number): Refusal {
  return new Refusal(409, 'StaleEpoch', `this wagon has heard of leader ${seen}: one before it gives no orders`);
}

/** The leader's epoch of a cancel, by query or header; absent where a person calls. */
function epochOf({ query, headers }: FastifyRequest<JobParams>): number | undefined {
  const given = query.leaderEpoch ?? headers['x-carnival-leader-epoch'];
  if (given === undefined) return undefined;
  const epoch = Number(given);
  if (!Number.isSafeInteger(epoch) || epoch < 0) throw new Refusal(400, 'BadRequest', 'leaderEpoch must be a number');
  return epoch;
}
