/** What brings a call to its upstream and the answer back: undici for most, Node's own client for some. */
export interface Transport {
  /** Ends the exchange with the upstream at once, wherever it stands. */
  abort(): void;
  /** Stops reading the answer until `resume`: the client is slower than the upstream. */
  pause(): void;
  resume(): void;
}
