/** Quotes any text as one word of a POSIX shell. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Quotes any text as a PowerShell string. PowerShell treats typographic single quotes as quotes, so they are doubled too. */
export const powershellString = (text: string): string => `'${text.replace(/['‘’‚‛]/g, '$&$&')}'`;

/** A value in a `.env` file. Quoted only where necessary, because Docker keeps the quotes as part of the value. */
export function dotenvValue(text: string): string {
  if (/^[\w./:@+=,[\]-]*$/.test(text)) return text;
  if (!/['\n]/.test(text)) return `'${text}'`;
  return `"${text.replace(/[\\"$`]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

/** A string literal that Python, JavaScript and TOML read the same way. */
export const stringLiteral = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f');
