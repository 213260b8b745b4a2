package io.twinport.agent.report;

import io.twinport.registry.ConnectionState;
import io.twinport.registry.Registry;
import io.twinport.spi.Reason;
import java.util.EnumMap;
import java.util.Map;

/** Sums over the connections that are there now. */
final class Totals {
  private final Map<Reason, Long> tcpByReason = new EnumMap<>(Reason.class);
  private long connecting;
  private long san;
  private long tcp;
  private long receivedBytes;
  private long sentBytes;
  private long receiveOperations;
  private long sendOperations;
  private long receiveQueueBytes;
  private long sendQueueBytes;

  void add(Registry.Connection connection) {
    if (connection.state() == ConnectionState.CONNECTING) {
      connecting++;
      return;
    }
    if (!connection.san()) {
      tcp++;
      if (connection.reason() != null) {
        tcpByReason.merge(connection.reason(), 1L, Long::sum);
      }
      return;
    }
    san++;
    if (connection.in() != null) {
      receivedBytes += connection.in().bytes();
      receiveOperations += Math.max(0, connection.in().operations());
      receiveQueueBytes += connection.in().queue();
    }
    if (connection.out() != null) {
      sentBytes += connection.out().bytes();
      sendOperations += Math.max(0, connection.out().operations());
      sendQueueBytes += connection.out().queue();
    }
  }

  void write(JsonWriter out) {
    out.object();
    out.number("sanConnections", san);
    out.number("tcpConnections", tcp);
    out.number("connecting", connecting);
    out.number("receivedBytes", receivedBytes);
    out.number("receiveOperations", receiveOperations);
    out.number("receiveQueueBytes", receiveQueueBytes);
    out.number("sentBytes", sentBytes);
    out.number("sendOperations", sendOperations);
    out.number("sendQueueBytes", sendQueueBytes);
    out.name("tcpByReason").object();
    for (Map.Entry<Reason, Long> entry : tcpByReason.entrySet()) {
      out.number(entry.getKey().code(), entry.getValue());
    }
    out.endObject();
    out.endObject();
  }
}
