/** What one check found: a line for the person at the terminal. */
export interface Finding {
  /** What was looked at. */
  about: string;
  ok: boolean;
  /** What is, or what is wrong and what to do. */
  words: string;
}

export const fine = (about: string, words: string): Finding => ({ about, ok: true, words });
export const wrong = (about: string, words: string): Finding => ({ about, ok: false, words });
