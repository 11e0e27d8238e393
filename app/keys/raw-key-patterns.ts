/** More of a key than its display prefix: it must not stand in a search, whose words become an address. */
export const MORE_THAN_A_PREFIX = 'ai[ks]_(dev|stg|prod)_[0-9A-Za-z]{7}';
export const RAW_KEY_IN_SEARCH =
  'This is more of a raw key than its prefix, and a search ends up in addresses. Look it up under “Look up a leaked key”.';
export const RAW_KEY_IN_TEXT =
  'This holds a raw key, which must not be written down here. Name the key by its prefix instead.';
