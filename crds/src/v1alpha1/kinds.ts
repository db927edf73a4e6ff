import type { KindDefinition } from './kind.ts';
import { modelProviderKind } from './model-provider.ts';
import { objectiveKind } from './objective.ts';
import { wagonKind } from './wagon.ts';

/** Every kind that is served today. */
export const KINDS: readonly KindDefinition[] = [objectiveKind, wagonKind, modelProviderKind];
