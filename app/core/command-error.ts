/** An expected failure of a command. The message tells the person at the terminal what happened and what to do. */
export class CommandError extends Error {}
