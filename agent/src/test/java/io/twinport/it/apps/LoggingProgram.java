package io.twinport.it.apps;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Opens a listener and then, if it is told {@code logs}, begins to log, with a handler of its own:
 * what that gets of Twinport's goes to standard output. Told {@code logs-by FACTORY}, it asks that
 * class for a logger, as programs do that log by a library, and stays for as long as standard
 * input. Told {@code logs FACTORY}, it does both, as programs do some part of which logs by a
 * library, and then ends.
 */
public final class LoggingProgram {
  private LoggingProgram() {}

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      System.out.println("bound " + (listener.getLocalPort() > 0));
      if (arguments.length > 1) {
        Class<?> factory = Class.forName(arguments[1]);
        factory.getMethod("getLogger", String.class).invoke(null, "application");
      }
      if (arguments.length > 0 && arguments[0].equals("logs-by")) {
        System.out.println("end of input: " + System.in.read());
      } else if (arguments.length > 0) {
        CompletableFuture<String> heard = new CompletableFuture<>();
        Logger logger = Logger.getLogger("io.twinport");
        logger.setUseParentHandlers(false);
        logger.addHandler(
            new Handler() {
              @Override
              public void publish(LogRecord line) {
                heard.complete(line.getLevel() + " " + line.getMessage());
              }

              @Override
              public void flush() {}

              @Override
              public void close() {}
            });
        System.out.println("heard " + heard.get(30, TimeUnit.SECONDS));
      }
    }
  }
}
