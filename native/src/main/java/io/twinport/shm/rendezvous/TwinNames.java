package io.twinport.shm.rendezvous;

import io.twinport.config.KernelFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The names of twin listeners in the abstract UNIX-domain namespace, such as {@code
 * twinport/2/0.0.0.0:8080}. They are scoped to the network namespace exactly as the addresses in
 * them are.
 *
 * <p>The number in them is that of the names themselves. It is not the wire version, which is told
 * at the door: a peer that speaks another one is found, and the connection goes by TCP for that
 * reason.
 */
public final class TwinNames {
  static final String PREFIX = "twinport/2/";

  /** Reading the list of names may take up to one part in this many of the time. */
  private static final int COST = 100;

  /**
   * No list takes longer to make; the rest of a read's time is the scheduler's or a first load's.
   */
  private static final int MOST_NANOS_PER_BYTE = 20;

  private static final byte[] MARK = ("@" + PREFIX).getBytes(StandardCharsets.US_ASCII);

  private volatile boolean anyTwin;
  private volatile long validUntil = System.nanoTime();

  /** The name of a listener. */
  public static String of(InetSocketAddress listener) {
    return PREFIX + text(listener.getAddress()) + ":" + listener.getPort();
  }

  /**
   * The names under which a listener for {@code destination} may be found, the most specific first.
   */
  static List<String> candidates(InetSocketAddress destination) {
    String port = ":" + destination.getPort();
    String exact = PREFIX + text(destination.getAddress()) + port;
    String wildcard6 = PREFIX + "[::]" + port;
    return destination.getAddress() instanceof Inet4Address
        ? List.of(exact, PREFIX + "0.0.0.0" + port, wildcard6)
        : List.of(exact, wildcard6);
  }

  private static String text(InetAddress address) {
    if (address instanceof Inet4Address) {
      return address.getHostAddress();
    }
    if (address.isAnyLocalAddress()) {
      return "[::]";
    }
    String text = address.getHostAddress();
    int scope = text.indexOf('%');
    return "[" + (scope < 0 ? text : text.substring(0, scope)) + "]";
  }

  /**
   * Whether there is any twin listener in this network namespace, found out without native code.
   * The answer is used again for a hundred times as long as a list of its length may take to get.
   */
  public boolean anyTwin() throws IOException {
    long now = System.nanoTime();
    if (now - validUntil < 0) {
      return anyTwin;
    }
    boolean found;
    int length = 0;
    try {
      byte[] list = KernelFile.bytes("/proc/net/unix");
      length = list.length;
      found = contains(list, MARK);
    } catch (FileNotFoundException | Error e) {
      // no /proc, or none for us, or none on this thread, where a tool looks for calls that may
      // block: no way to know without trying, which another thread does
      found = true;
    }
    long end = System.nanoTime();
    anyTwin = found;
    validUntil = end + validNanos(end - now, length);
    return found;
  }

  /**
   * For how long an answer is used again. A process's first read takes many times as long as the
   * next, and servers that start in the meantime are not to be missed for that.
   *
   * @param took nanoseconds
   * @param length of the list, in bytes
   */
  static long validNanos(long took, int length) {
    return COST * Math.min(took, (long) MOST_NANOS_PER_BYTE * length);
  }

  private static boolean contains(byte[] text, byte[] mark) {
    for (int i = 0; i + mark.length <= text.length; i++) {
      int k = 0;
      while (k < mark.length && text[i + k] == mark[k]) {
        k++;
      }
      if (k == mark.length) {
        return true;
      }
    }
    return false;
  }
}
