/** How long a password may be, in characters. Apart from the schema, so that pages need not bring zod along. */
export const PASSWORD_MIN_LENGTH = 12;
export const PASSWORD_MAX_LENGTH = 128;

/** What a person who chooses one is told beforehand. */
export const PASSWORD_HINT = `At least ${PASSWORD_MIN_LENGTH} characters; a few unrelated words do well.`;
