/** Version of this command line; wagons and hub have their own. */
export const VERSION = '0.1.0';
