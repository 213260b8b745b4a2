package io.twinport.contract.channel.selector;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Transport;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** The base of the tests of selectors: connections that a selector watches. */
public abstract class SelectingContract extends ContractTest {
  protected static final int READ = SelectionKey.OP_READ;
  protected static final int WRITE = SelectionKey.OP_WRITE;

  protected SelectingContract(Transport transport) {
    super(transport);
  }

  /** A connection whose near end is registered with a selector of its own. */
  protected record Watched(Pair pair, Selector selector, SelectionKey key) {}

  protected final Watched watch(int ops) throws Exception {
    Pair pair = connectedPair();
    Selector selector = openSelector();
    return new Watched(pair, selector, register(pair.near(), selector, ops));
  }

  protected static SelectionKey register(SocketChannel channel, Selector selector, int ops)
      throws Exception {
    channel.configureBlocking(false);
    return channel.register(selector, ops);
  }

  /** A select that is begun when its selector is closed returns; one that begins then throws. */
  protected static void assertEndedByClose(Throwable end) {
    assertTrue(end == null || end instanceof ClosedSelectorException, () -> "ended with " + end);
  }
}
