package io.twinport.benchmarks;

/** What carries the bytes. */
public enum Transport {
  /** No agent on either side. */
  TCP,
  /** The agent on both sides. */
  SAN
}
