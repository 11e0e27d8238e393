/** What one check found: a line for the person at the terminal. */
export interface CheckResult {
  /** What was looked at. */
  about: string;
  ok: boolean;
  /** What is, or what is wrong and what to do. */
  words: string;
}

export const passed = (about: string, words: string): CheckResult => ({ about, ok: true, words });
export const failed = (about: string, words: string): CheckResult => ({ about, ok: false, words });
