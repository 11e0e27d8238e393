/** Exchanges one call with its upstream: through undici, Node's HTTP client, or the built-in tool (decision 12). */
export interface Transport {
  /** Ends the exchange immediately, in any state. */
  abort(): void;
  /** Stops reading the response until `resume`, because the client reads more slowly than the upstream sends. */
  pause(): void;
  resume(): void;
}
