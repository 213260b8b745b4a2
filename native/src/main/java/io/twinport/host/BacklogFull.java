package io.twinport.host;

/** What a client gets when the SAN backlog is full. */
public enum BacklogFull {
  REFUSE,
  TCP
}
