package io.twinport.benchmarks.ends;

/** What carries the bytes. */
public enum Transport {
  /** No agent on either side. */
  TCP("TCP"),
  /** The agent on both sides. */
  SAN("SAN"),
  /** A UNIX-domain channel; no agent. */
  UNIX("UNIX"),
  /** A {@link Ring} in a file that both sides map: what memory itself can do. */
  RING("bare ring");

  private final String label;

  Transport(String label) {
    this.label = label;
  }

  /** For people. */
  public String label() {
    return label;
  }
}
