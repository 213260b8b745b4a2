package io.twinport.contract.support;

import java.net.Socket;
import java.util.Map;
import java.util.TreeMap;

/** What a socket tells about itself. */
public final class SocketFacts {
  private SocketFacts() {}

  /** The answer, or what was thrown, of each method that does not change the socket. */
  public static Map<String, String> of(Socket socket) {
    Map<String, String> facts = new TreeMap<>();
    facts.put("getInetAddress", Outcome.of(socket::getInetAddress));
    facts.put("getLocalAddress", Outcome.of(socket::getLocalAddress));
    facts.put("getPort", Outcome.of(socket::getPort));
    facts.put("getLocalPort", Outcome.of(socket::getLocalPort));
    facts.put("getRemoteSocketAddress", Outcome.of(socket::getRemoteSocketAddress));
    facts.put("getLocalSocketAddress", Outcome.of(socket::getLocalSocketAddress));
    facts.put("isConnected", Outcome.of(socket::isConnected));
    facts.put("isBound", Outcome.of(socket::isBound));
    facts.put("isClosed", Outcome.of(socket::isClosed));
    facts.put("isInputShutdown", Outcome.of(socket::isInputShutdown));
    facts.put("isOutputShutdown", Outcome.of(socket::isOutputShutdown));
    facts.put("getSoTimeout", Outcome.of(socket::getSoTimeout));
    facts.put("toString", Outcome.of(socket::toString));
    facts.put("getInputStream", Outcome.of(() -> socket.getInputStream() != null));
    facts.put("getOutputStream", Outcome.of(() -> socket.getOutputStream() != null));
    return facts;
  }

  /** A fact that says {@code LOCAL} and {@code REMOTE} for these ports. */
  public static String withPortsByName(String fact, int local, int remote) {
    return fact.replaceAll("\\b" + local + "\\b", "LOCAL")
        .replaceAll("\\b" + remote + "\\b", "REMOTE");
  }
}
