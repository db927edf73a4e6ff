/** A task on its way into the contract's shape. What cannot be mended is left as it is, for `checkPlan` to refuse. */
export interface DraftTask {
  id: string;
  title: unknown;
  kind: unknown;
  instruction: unknown;
  path?: unknown;
  acceptance: { type: string; value?: string };
  role?: unknown;
  risk?: unknown;
  dependsOn: string[];
}
