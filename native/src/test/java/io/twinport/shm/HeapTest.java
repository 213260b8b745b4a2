package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.SwitchTransport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an idle connection keeps on the heap, from the channels down to the streams. Both ends are
 * in this process, and nothing else is going on in it: its heap tells.
 */
@Timeout(120)
class HeapTest {
  /** Those that bring classes, tables and the like with them. */
  private static final int FIRST = 500;

  private static final int COUNT = 5000;
  private static final int MESSAGE_BYTES = 4096;
  private static final long ALLOWED_AT_BOTH_ENDS = 2 * 1024;

  /** What one that was busy may keep: something of tables that have grown. */
  private static final long ALLOWED_MORE = 32;

  private final ShmProvider shm = new ShmProvider();
  private final SelectorProvider provider = SwitchTransport.over(shm).provider();
  private final List<SocketChannel> clients = new ArrayList<>(FIRST + COUNT);
  private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);

  @Test
  void anIdleConnectionTakesAtMostAKibibyteAtEachEnd() throws Exception {
    try (ServerSocketChannel listener = provider.openServerSocketChannel();
        Selector selector = provider.openSelector()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
      open(FIRST, listener, selector);
      talk(selector);
      awaitIdle();
      final long before = usedBytes();
      open(COUNT, listener, selector);
      assertEquals(0, selector.select(100), "it waits for all of them");
      long each = (usedBytes() - before) / COUNT;
      assertTrue(each <= ALLOWED_AT_BOTH_ENDS, () -> each + " bytes for a new connection");

      talk(selector);
      awaitIdle();
      long again = (usedBytes() - before) / COUNT;
      assertTrue(again <= each + ALLOWED_MORE, () -> again + " bytes for one that was busy");
      for (SocketChannel client : clients) {
        client.close();
      }
    }
  }

  private void open(int count, ServerSocketChannel listener, Selector selector) throws IOException {
    for (int i = 0; i < count; i++) {
      SocketChannel client = provider.openSocketChannel();
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      client.connect(listener.getLocalAddress());
      clients.add(client);
      SocketChannel server = listener.accept();
      server.setOption(StandardSocketOptions.TCP_NODELAY, true);
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_READ);
    }
  }

  /** A message on each connection there and back, all under way at once. */
  private void talk(Selector selector) throws IOException {
    for (SocketChannel client : clients) {
      message.clear();
      assertEquals(MESSAGE_BYTES, client.write(message));
    }
    for (int echoed = 0; echoed < clients.size(); ) {
      echoed += selector.select(this::echo);
    }
    for (SocketChannel client : clients) {
      message.clear();
      assertEquals(MESSAGE_BYTES, client.read(message));
    }
  }

  private void echo(SelectionKey key) {
    SocketChannel server = (SocketChannel) key.channel();
    try {
      assertEquals(MESSAGE_BYTES, server.read(message.clear()));
      assertEquals(MESSAGE_BYTES, server.write(message.flip()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until what was leased for the bytes is given back: in sweeps, up to 2 s apart. */
  private void awaitIdle() {
    int idle = Flow.usedKiB(shm);
    for (int stillMillis = 0; stillMillis < 2000; stillMillis += 100) {
      sleep(100);
      int now = Flow.usedKiB(shm);
      if (now != idle) {
        idle = now;
        stillMillis = 0;
      }
    }
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The bytes of all objects that are alive, counted one by one. */
  private static long usedBytes() throws JMException {
    // What this finds dead may free more through its cleaners; the count collects once more.
    System.gc();
    String classes =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {null},
                    new String[] {String[].class.getName()});
    String total = classes.strip().lines().reduce((first, last) -> last).orElseThrow();
    return Long.parseLong(total.split(" +")[2]); // Total, objects, bytes
  }
}
