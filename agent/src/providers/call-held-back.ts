import type { Spend } from './provider.ts';

/** The caller does not want another try to begin now. What was tried before is spent. */
export class CallHeldBack extends Error {
  override readonly name = 'CallHeldBack';
  readonly spent: Spend;

  constructor(spent: Spend) {
    super('no further try may begin now');
    this.spent = spent;
  }
}
