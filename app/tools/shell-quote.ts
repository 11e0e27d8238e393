/** A word of a POSIX shell, whatever is in it. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * A string of PowerShell, whatever is in it. PowerShell takes the typographic single quotes for quotes too;
 * each is doubled.
 */
export const powershellString = (text: string): string => `'${text.replace(/['‘’‚‛]/g, '$&$&')}'`;

/** A value in a `.env` file: bare where every reader agrees on it (Docker's keeps quotes), quoted elsewhere. */
export function dotenvValue(text: string): string {
  if (/^[\w./:@+=,[\]-]*$/.test(text)) return text;
  if (!/['\n]/.test(text)) return `'${text}'`;
  return `"${text.replace(/[\\"$`]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

/** A string literal that Python, JavaScript and TOML read alike. */
export const literal = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f');
