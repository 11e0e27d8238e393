/** A message about what an action did, shown once on the page that it redirects to. */
export interface Flash {
  /** Distinguishes this message from an equal one shown before. */
  id: string;
  tone: 'good' | 'wait';
  message: string;
}
