package io.twinport.benchmarks.ends;

/** What carries the bytes. */
public enum Transport {
  /** No agent on either side. */
  TCP,
  /** The agent on both sides. */
  SAN,
  /** A UNIX-domain channel; no agent. */
  UNIX,
  /** A {@link Ring} in a file that both sides map: what memory itself can do. */
  RING
}
