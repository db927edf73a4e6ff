import type { Spend } from './provider.ts';

/** What was spent on tries that failed leaves too little for another one, at any provider of the chain. */
export class CallUnaffordable extends Error {
  override readonly name = 'CallUnaffordable';
  readonly spent: Spend;

  /** @param message what is short */
  constructor(message: string, spent: Spend) {
    super(message);
    this.spent = spent;
  }
}
