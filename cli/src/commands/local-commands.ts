/** Commands that work on this machine's data folder and not through an API server: programs of the local engine. */
export const LOCAL_COMMANDS: ReadonlyMap<string, string> = new Map([
  ['up', 'start everything on this machine (npm start)'],
  ['backup', "copy all that this machine's engine keeps into one file, while it runs"],
  ['restore', 'bring a backup back, here or on another machine'],
]);
