import type { Case } from '../../case.ts';
import { READING } from './reading.ts';
import { WRITING } from './writing.ts';
import { WRONG } from './wrong.ts';

/** Each command of design §3 with the flags that people give it, on our kinds and on the built-in ones, and the wrong ones. */
export const KUBECTL_MATRIX_CASES: Case[] = [...READING, ...WRITING, ...WRONG];
