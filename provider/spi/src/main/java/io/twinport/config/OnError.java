package io.twinport.config;

/** What follows if the agent or a provider can't start. */
public enum OnError {
  FALLBACK,
  FAIL
}
