/** One line of `doctor`. */
export interface CheckResult {
  /** What was checked. */
  subject: string;
  ok: boolean;
  /** What was found; for a problem, also what to do. */
  message: string;
}

export const passed = (subject: string, message: string): CheckResult => ({ subject, ok: true, message });
export const failed = (subject: string, message: string): CheckResult => ({ subject, ok: false, message });
