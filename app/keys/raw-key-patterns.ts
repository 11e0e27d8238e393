/**
 * A raw key, or more of one than its display prefix. A search becomes part of the URL, and texts are stored for good, so
 * neither may contain it.
 */
export const PARTIAL_RAW_KEY_PATTERN = 'ai[ks]_(dev|stg|prod)_[0-9A-Za-z]{7}';
export const RAW_KEY_IN_SEARCH =
  'This is a whole key, and a search becomes part of the URL. Use “Look up a leaked key” instead.';
export const RAW_KEY_IN_TEXT =
  'This contains a key, and this text is stored. Refer to the key by its prefix.';
