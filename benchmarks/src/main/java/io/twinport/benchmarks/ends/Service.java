package io.twinport.benchmarks.ends;

/** What a server does with its connections. */
public enum Service {
  /** Sends one byte as soon as it has accepted, and closes when one comes back. */
  GREET,
  /** Sends back what it gets. */
  ECHO,
  /** Reads to the end of the stream, then sends how many bytes there were, as a long. */
  DRAIN,
  /** Reads a long, sends so many bytes of a file, and again. */
  FILE
}
