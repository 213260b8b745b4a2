package io.twinport.contract.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import sun.nio.ch.EPollSelectorProvider;

/**
 * What the JDK that runs this says of a connect that is refused: some say it in other words where
 * they poll for the outcome.
 */
public enum Refusals {
  /** A platform thread's blocking connect of a channel, or of a socket without a time-out. */
  CONNECTING(true),
  /** A connect that is finished later, has a time-out, or is a virtual thread's or an adaptor's. */
  POLLING(false);

  private final String words;

  Refusals(boolean blocking) {
    words = ask(blocking);
  }

  /** The JDK's words for it. */
  public String words() {
    return words;
  }

  /** Asserts that it is a refusal in exactly the JDK's words. */
  public void assertRefused(Throwable refused) {
    assertEquals(ConnectException.class, refused.getClass(), refused::toString);
    assertEquals(words, refused.getMessage());
  }

  private static String ask(boolean blocking) {
    try {
      InetSocketAddress nobody;
      try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        nobody = (InetSocketAddress) closed.getLocalSocketAddress();
      }
      SelectorProvider jdk = new EPollSelectorProvider(); // Whatever is installed.
      try (SocketChannel channel = jdk.openSocketChannel()) {
        channel.configureBlocking(blocking);
        boolean done = channel.connect(nobody);
        while (!done) {
          done = channel.finishConnect();
        }
        throw new AssertionError(nobody + " has a listener");
      } catch (ConnectException e) {
        return e.getMessage();
      }
    } catch (IOException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
