package io.twinport.agent.management;

import java.util.Map;

/** All connections and listeners of this process, in numbers; nothing can be changed by it. */
public interface SwitchMXBean {
  String getVersion();

  /** The names of the SAN providers that may be used, in the order in which they are asked. */
  String[] getProviders();

  /** How many listeners there are that new clients reach over the SAN. */
  int getTwins();

  /** How many listeners there are that new clients reach over TCP alone. */
  int getListenersOnTcp();

  /** The numbers of each listener, by its address and port. */
  Map<String, ListenerNumbers> getListeners();

  /** How many connections are open on the SAN. */
  long getOpenSanConnections();

  /** How many connections are open on TCP. */
  long getOpenTcpConnections();

  /** How many connections listeners of this process have accepted from the SAN so far. */
  long getSanAccepted();

  /** How many connections this process has made over the SAN so far. */
  long getSanConnected();

  /** How many connects of this process were refused on the SAN so far. */
  long getSanRefused();

  /** How many clients have found a full backlog at listeners of this process so far. */
  long getRefusedAtListeners();

  /** Connections so far over TCP, by the code of the reason. */
  Map<String, Long> getTcpByReason();

  /** Connects so far over TCP that could have used the SAN, by the code of the reason. */
  Map<String, Long> getFallbacksByReason();

  /** How often SAN providers have failed so far. */
  long getProviderFailures();

  /** Events that {@code status --events} does not have any more. */
  long getEventsDropped();
}
