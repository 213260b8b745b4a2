package io.twinport.agent.metrics;

import io.twinport.config.AddressText;
import io.twinport.config.KernelFile;
import io.twinport.config.Log;
import io.twinport.registry.Registry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** Who serves or writes the metrics as {@code twinport.metrics} says, on the caller's thread. */
public final class Exporter {
  private static final int MOST_PORT = 65_535;

  /** Where they are served; null while they are not. */
  private static volatile InetSocketAddress served;

  private Exporter() {}

  /** Where this process serves its metrics, or null. */
  public static InetSocketAddress served() {
    return served;
  }

  /**
   * Serves or writes them for as long as the process runs; tells in one line why it can't.
   *
   * @param where a port, a host and a port, or a file's absolute path
   * @param seconds how often a file is written
   */
  public static void run(String where, int seconds) {
    try {
      if (where.startsWith("/")) {
        String pid = Long.toString(KernelFile.pid());
        Path file = Path.of(where.replace("%p", pid));
        new MetricsFile(file, seconds, Registry.shared()).run();
      } else {
        serve(where);
      }
    } catch (IOException | IllegalArgumentException e) {
      Log.warn("twinport.metrics=" + where + ": no metrics: " + Log.cause(e));
    }
  }

  private static void serve(String where) throws IOException {
    MetricsServer server = MetricsServer.listen(address(where), Registry.shared());
    served = server.address();
    Log.info("metrics at http://" + AddressText.of(server.address()) + MetricsServer.PATH);
    server.run();
  }

  /** The loopback address if there is only a port. */
  static InetSocketAddress address(String where) throws IOException {
    int colon = where.lastIndexOf(':');
    String port = where.substring(colon + 1);
    String host = colon < 0 ? null : where.substring(0, colon);
    if (host != null && host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host != null && (host.isEmpty() || host.indexOf(':') >= 0)) {
      throw wrong();
    }
    if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > MOST_PORT) {
      throw wrong();
    }
    InetAddress ip =
        host == null ? InetAddress.getLoopbackAddress() : InetAddress.getAllByName(host)[0];
    return new InetSocketAddress(ip, Integer.parseInt(port));
  }

  private static IllegalArgumentException wrong() {
    return new IllegalArgumentException("give a port, host:port, or a file's absolute path");
  }
}
