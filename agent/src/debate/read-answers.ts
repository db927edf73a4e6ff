import type { ObjectionAnswer } from '@dark-carnival/crds';

/**
 * Reads how a tactician answered the objections: `answers.o1` …, or a list with ids. Only what is said is read: an answer of another word, or
 * for no objection, is none. Total: any JSON value gives a map.
 */
export function readAnswers(json: unknown): Map<string, ObjectionAnswer> {
  const root = isRecord(json) && !('answers' in json) && isRecord(json['plan']) ? json['plan'] : json;
  const answers = isRecord(root) ? root['answers'] : undefined;
  const entries: [unknown, unknown][] = Array.isArray(answers)
    ? answers.map((answer) => [isRecord(answer) ? (answer['id'] ?? answer['objection']) : undefined, answer])
    : isRecord(answers)
      ? Object.entries(answers)
      : [];
  return new Map(
    entries.flatMap(([id, answer]): [string, ObjectionAnswer][] => {
      const read = answerOf(answer);
      return typeof id === 'string' && /^o[1-8]$/.test(id) && read ? [[id, read]] : [];
    }),
  );
}

function answerOf(answer: unknown): ObjectionAnswer | undefined {
  if (!isRecord(answer)) return undefined;
  const response = (['Accepted', 'Rejected'] as const).find(
    (known) => known.toLowerCase() === String(answer['response']).toLowerCase(),
  );
  const reason = answer['reason'];
  return response && { response, ...(typeof reason === 'string' ? { reason } : {}) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
