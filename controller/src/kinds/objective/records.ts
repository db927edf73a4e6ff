import { PLAN_KEY, planConfigMapName, roundConfigMapName } from '@dark-carnival/crds';
import { FEEDBACK_KEY, feedbackConfigMapName } from '../../ports/feedback-record.ts';
import { encodeRound, ROUND_KEY, resumeConfigMapName } from '../../ports/round-record.ts';
import type { Content } from './config-maps.ts';
import type { Preparation } from './decision.ts';

/** A preparation that stores a ConfigMap. */
export type Stored = Exclude<Preparation, { type: 'addFinalizer' | 'deleteConfigMaps' | 'carrySpending' }>;

/** What a preparation puts into which ConfigMap. */
export function contentOf(objectiveName: string, step: Stored): Content {
  switch (step.type) {
    case 'storePlan':
      return { name: planConfigMapName(objectiveName, step.number), key: PLAN_KEY, value: step.bytes, form: 'text' };
    case 'storeFeedback': {
      const name = feedbackConfigMapName(objectiveName, step.number);
      return { name, key: FEEDBACK_KEY, value: JSON.stringify(step.record), form: 'text' };
    }
    case 'storeRound': {
      const name = roundConfigMapName(objectiveName, step.record.round);
      return { name, key: ROUND_KEY, value: encodeRound(step.record), form: 'binary' };
    }
    case 'storeResume': {
      const name = resumeConfigMapName(objectiveName, step.round, step.attempt);
      const record = { round: step.round, turns: [...step.turns] };
      return { name, key: ROUND_KEY, value: encodeRound(record), form: 'binary' };
    }
  }
}
