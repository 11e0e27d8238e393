/**
 * Limits of the texts that people enter, in characters. Schemas, forms and messages all read them from here; the CHECKs in
 * `db/schema/` repeat those of names and purposes.
 */
/** The longest address that SMTP allows (RFC 5321). */
export const MAX_EMAIL_LENGTH = 254;
export const MAX_PERSON_NAME_LENGTH = 100;
/** What a key is for, or what runs as a service account. */
export const PURPOSE_LENGTH = { min: 3, max: 200 };
/** Why someone rejects, revokes or disables. */
export const REASON_LENGTH = { min: 3, max: 500 };
export const SERVICE_ACCOUNT_NAME_LENGTH = { min: 2, max: 60 };
export const MAX_TOOL_NAME_LENGTH = 60;
export const TOOL_SLUG_LENGTH = { min: 2, max: 40 };
export const MAX_URL_LENGTH = 500;
export const MAX_HEADER_NAME_LENGTH = 100;
export const MAX_CREDENTIAL_LENGTH = 4_096;
export const MAX_SEARCH_LENGTH = 200;
/** A slug or id to look up. */
export const MAX_LOOKUP_LENGTH = 100;
/** A key's id or display prefix, in a filter that becomes part of the URL: too short for a whole key. */
export const MAX_KEY_FILTER_LENGTH = 30;

/** One line: no control characters and no line or paragraph separators, which would forge lines in logs and exports. */
export const ONE_LINE = /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u;
