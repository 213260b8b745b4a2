package io.twinport.agent.report;

import io.twinport.config.AddressText;
import io.twinport.registry.Flow;
import io.twinport.registry.Registry;
import io.twinport.registry.Waiter;
import io.twinport.spi.Reason;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A connection as JSON; {@code docs/status.md} says what each field is. */
final class ConnectionLines {
  private ConnectionLines() {}

  static void write(JsonWriter out, Registry.Connection connection) {
    write(out, connection, null);
  }

  /**
   * As {@link #write(JsonWriter, Registry.Connection)}.
   *
   * @param moved bytes received, bytes sent, and calls since it was looked at last; or null
   */
  static void write(JsonWriter out, Registry.Connection connection, long[] moved) {
    out.object();
    if (moved != null) {
      out.number("receivedBytesSince", moved[0]);
      out.number("sentBytesSince", moved[1]);
      out.number("operationsSince", moved[2]);
    }
    if (connection.local() != null) {
      out.plain("local", AddressText.of(connection.local()));
    }
    if (connection.remote() != null) {
      out.plain("remote", AddressText.of(connection.remote()));
    }
    out.plain("path", connection.san() ? connection.provider() : "tcp");
    out.plain("role", connection.accepted() ? "accepted" : "connected");
    out.plain("state", connection.state().code());
    writeReason(out, connection.reason());
    if (connection.ageNanos() >= 0) {
      out.number("ageMillis", TimeUnit.NANOSECONDS.toMillis(connection.ageNanos()));
    }
    if (connection.peerPid() > 0) {
      out.number("peerPid", connection.peerPid());
    }
    Flow in = connection.in();
    if (in != null) {
      out.number("receivedBytes", in.bytes());
      if (in.operations() >= 0) {
        out.number("receiveOperations", in.operations());
      }
      out.number("receiveQueueBytes", in.queue());
      out.number("receiveWindowBytes", in.window());
      if (in.quietNanos() >= 0) {
        out.number("receiveQuietMillis", TimeUnit.NANOSECONDS.toMillis(in.quietNanos()));
      }
      out.number("receiveSleeps", in.slept());
      out.number("receiveWakeups", in.woken());
      out.number("receiveSpins", in.spun());
      writeWaiter(out, "receiveWaiter", in.waiter());
    }
    Flow to = connection.out();
    if (to != null) {
      out.number("sentBytes", to.bytes());
      if (to.operations() >= 0) {
        out.number("sendOperations", to.operations());
      }
      out.number("sendQueueBytes", to.queue());
      out.number("sendWindowBytes", to.window());
      if (to.quietNanos() >= 0) {
        out.number("sendQuietMillis", TimeUnit.NANOSECONDS.toMillis(to.quietNanos()));
      }
      out.number("sendSleeps", to.slept());
      out.number("sendWakeups", to.woken());
      out.number("sendSpins", to.spun());
      writeWaiter(out, "sendWaiter", to.waiter());
    }
    out.endObject();
  }

  static void writeWaiter(JsonWriter out, String name, Waiter waiter) {
    if (waiter == null) {
      return;
    }
    out.name(name).object();
    out.plain("kind", waiter.kind().name().toLowerCase(Locale.ROOT));
    out.string("name", waiter.name());
    out.flag("asleep", waiter.asleep());
    if (waiter.kind() == Waiter.Kind.SELECTOR) {
      out.number("sleeps", waiter.slept());
      out.number("wakeups", waiter.woken());
      out.number("spins", waiter.spun());
    }
    out.endObject();
  }

  static void writeReason(JsonWriter out, Reason reason) {
    if (reason != null) {
      out.plain("reason", reason.code());
      out.string("why", reason.text());
    }
  }
}
