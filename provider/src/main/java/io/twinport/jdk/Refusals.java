package io.twinport.jdk;

import io.twinport.config.Log;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import sun.nio.ch.SanAccess;

/**
 * The running JDK's words for a connect that is refused. Some JDKs say something else where they
 * poll for the outcome than where connect itself fails, and all speak the language of the C
 * library. They are asked when the first refusal has to be told.
 */
public final class Refusals {
  /** A provider's words. */
  private static final String REFUSED = "Connection refused";

  private static volatile Refusals known;

  private final String connecting;
  private final String polling;

  private Refusals(String connecting, String polling) {
    this.connecting = connecting;
    this.polling = polling;
  }

  /** Whether a provider says that the server has refused it, not that it has not answered. */
  public static boolean isRefused(ConnectException thrown) {
    return REFUSED.equals(thrown.getMessage());
  }

  /** What a call tells that waits in connect itself: a platform thread's, without a time-out. */
  public static ConnectException whenConnecting(ConnectException refused) {
    return isRefused(refused) ? new ConnectException(ask().connecting) : refused;
  }

  /** What a call tells that has begun to connect and then learns the outcome. */
  public static ConnectException whenPolling(ConnectException refused) {
    return isRefused(refused) ? new ConnectException(ask().polling) : refused;
  }

  /** An asynchronous connect's own words for what {@link java.nio.channels.SocketChannel} tells. */
  public static Throwable whenAsynchronous(Throwable failure) {
    if (!(failure instanceof ConnectException) && !(failure instanceof NoRouteToHostException)) {
      return failure;
    }
    Refusals words = ask();
    String said = failure.getMessage();
    String added =
        words.polling.startsWith(words.connecting)
            ? words.polling.substring(words.connecting.length())
            : "";
    int at = said == null || added.isEmpty() ? -1 : said.indexOf(added);
    if (at < 0) {
      return failure;
    }
    String without = said.substring(0, at) + said.substring(at + added.length());
    SocketException told =
        failure instanceof ConnectException
            ? new ConnectException(without)
            : new NoRouteToHostException(without);
    told.setStackTrace(failure.getStackTrace());
    return told;
  }

  private static Refusals ask() {
    Refusals words = known;
    if (words == null) {
      try {
        String[] said = SanAccess.refusals();
        words = new Refusals(said[0], said[1]);
        known = words;
      } catch (IOException e) {
        Log.debug(() -> "what the JDK says of a refusal is not known: " + Log.cause(e));
        words = new Refusals(REFUSED, REFUSED); // Perhaps there is a descriptor the next time.
      }
    }
    return words;
  }
}
