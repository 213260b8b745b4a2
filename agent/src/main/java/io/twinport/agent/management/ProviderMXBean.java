package io.twinport.agent.management;

/** What one SAN provider carries, in numbers; nothing can be changed by it. */
public interface ProviderMXBean {
  String getName();

  /** What it says of itself, for people; empty until it is used. */
  String getDescription();

  /** How many listeners have a twin of it. */
  long getTwins();

  /** How many open connections it carries. */
  long getOpenConnections();

  /** Bytes that have come over it and were not read yet. */
  long getReceiveQueueBytes();

  /** Bytes that were written to it and the peers have not read yet. */
  long getSendQueueBytes();
}
