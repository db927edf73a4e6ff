export { askLocalCarnival } from './local-carnival.ts';
export { type SettleWorld, settleIdentity } from './settle-identity.ts';
