package io.twinport.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.HashSet;
import java.util.Set;
import sun.nio.ch.EPollSelectorProvider;

/** What the JDK that runs this says of a connect that is refused: some say how they learnt it. */
final class Refusals {
  private static final Set<String> MESSAGES = ask();

  private Refusals() {}

  /** Whether it is a refusal in the JDK's words. */
  static void assertRefused(Throwable refused) {
    assertTrue(refused instanceof ConnectException, refused::toString);
    assertTrue(MESSAGES.contains(refused.getMessage()), () -> refused + ", not " + MESSAGES);
  }

  private static Set<String> ask() {
    try {
      InetSocketAddress nobody;
      try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        nobody = (InetSocketAddress) closed.getLocalSocketAddress();
      }
      SelectorProvider jdk = new EPollSelectorProvider(); // Whatever is installed.
      Set<String> messages = new HashSet<>();
      for (boolean blocks : new boolean[] {true, false}) {
        try (SocketChannel channel = jdk.openSocketChannel()) {
          channel.configureBlocking(blocks);
          boolean done = channel.connect(nobody);
          while (!done) {
            done = channel.finishConnect();
          }
          throw new AssertionError(nobody + " has a listener");
        } catch (ConnectException e) {
          messages.add(e.getMessage());
        }
      }
      return messages;
    } catch (IOException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
