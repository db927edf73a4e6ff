import type { PlanTask } from '@dark-carnival/crds';

/** Says why content does not fulfil a task's acceptance check, as it is told to the model that is asked again, or nothing. */
export function rejectionReason({ type, value }: PlanTask['acceptance'], content: string): string | undefined {
  if (content.trim() === '') return 'it is empty';
  switch (type) {
    case 'NonEmpty':
      return undefined;
    case 'Contains':
      return value === undefined || content.includes(value)
        ? undefined
        : `it does not contain ${JSON.stringify(value)}, literally`;
    case 'ValidJSON':
      return jsonFault(content);
  }
}

function jsonFault(content: string): string | undefined {
  try {
    JSON.parse(content);
    return undefined;
  } catch (error) {
    return `it is not valid JSON: ${error instanceof Error ? error.message.slice(0, 200) : 'it cannot be parsed'}`;
  }
}
