/** Commands that work on this machine and not through an API server: programs of their own, of the local engine and of the wagon. */
export const LOCAL_COMMANDS: ReadonlyMap<string, string> = new Map([
  ['up', 'start everything on this machine (npm start)'],
  ['wagon', 'run one wagon on this machine, for a hub here or elsewhere'],
  ['backup', "copy all that this machine's engine keeps into one file, while it runs"],
  ['restore', 'bring a backup back, here or on another machine'],
]);
