package io.twinport.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.SwitchTransport;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an idle connection keeps on the heap, from the channels down to the streams. Each end is in
 * a process of its own, in which nothing else is going on: its heap tells.
 */
@Timeout(120)
class HeapTest {
  /** Those that bring classes, tables and the like with them. */
  private static final int FIRST = 500;

  private static final int COUNT = 5000;

  /** Opened at once, which is less than a backlog. */
  private static final int PART = 100;

  private static final int MESSAGE_BYTES = 4096;
  private static final long ALLOWED = 1024;

  /** What one that was busy may keep: something of tables that have grown. */
  private static final long ALLOWED_MORE = 16;

  private final ShmProvider shm = new ShmProvider();
  private final SelectorProvider provider = SwitchTransport.over(shm).provider();
  private final List<SocketChannel> channels = new ArrayList<>(FIRST + COUNT);
  private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);

  @Test
  void anIdleConnectionTakesAtMostAKibibyteAtEachEnd() throws Exception {
    Process process = startServer();
    try (BufferedReader answers = process.inputReader();
        BufferedWriter server = process.outputWriter()) {
      InetSocketAddress address =
          new InetSocketAddress(
              InetAddress.getLoopbackAddress(), Integer.parseInt(answers.readLine()));
      open(FIRST, address, server, answers);
      talk(server, answers);
      final long atClient = usedBytes();
      final long atServer = ask("bytes", server, answers);
      open(COUNT, address, server, answers);
      long client = (usedBytes() - atClient) / COUNT;
      long accepted = (ask("bytes", server, answers) - atServer) / COUNT;
      assertWithin(ALLOWED, client, "a new connection at the client");
      assertWithin(ALLOWED, accepted, "a new connection at the server");

      talk(server, answers);
      long clientAgain = (usedBytes() - atClient) / COUNT;
      long acceptedAgain = (ask("bytes", server, answers) - atServer) / COUNT;
      assertWithin(client + ALLOWED_MORE, clientAgain, "one that was busy at the client");
      assertWithin(accepted + ALLOWED_MORE, acceptedAgain, "one that was busy at the server");
      for (SocketChannel channel : channels) {
        channel.close();
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static void assertWithin(long allowed, long bytes, String what) {
    assertTrue(bytes > 0 && bytes <= allowed, () -> bytes + " bytes for " + what);
  }

  /** The same program with the same options, as what runs this test. */
  private static Process startServer() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(HeapTest.class.getName());
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static long ask(String request, BufferedWriter server, BufferedReader answers)
      throws IOException {
    tell(request, server);
    return Long.parseLong(answers.readLine());
  }

  private static void tell(String request, BufferedWriter server) throws IOException {
    server.write(request + "\n");
    server.flush();
  }

  private void open(
      int count, InetSocketAddress address, BufferedWriter server, BufferedReader answers)
      throws IOException {
    for (int opened = 0; opened < count; opened += PART) {
      tell("accept", server);
      for (int i = 0; i < PART; i++) {
        SocketChannel client = provider.openSocketChannel();
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        client.connect(address);
        channels.add(client);
      }
      assertEquals(PART, Long.parseLong(answers.readLine()));
    }
  }

  /** A message on each connection there and back, all under way at once. */
  private void talk(BufferedWriter server, BufferedReader answers) throws IOException {
    for (SocketChannel client : channels) {
      message.clear();
      assertEquals(MESSAGE_BYTES, client.write(message));
    }
    assertEquals(channels.size(), ask("echo", server, answers));
    for (SocketChannel client : channels) {
      message.clear();
      assertEquals(MESSAGE_BYTES, client.read(message));
    }
    awaitIdle();
  }

  /** The server's end. */
  public static void main(String[] arguments) throws Exception {
    new HeapTest().serve();
  }

  private void serve() throws Exception {
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try (ServerSocketChannel listener = provider.openServerSocketChannel();
        Selector selector = provider.openSelector()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), PART);
      System.out.println(((InetSocketAddress) listener.getLocalAddress()).getPort());
      for (String request = requests.readLine(); request != null; request = requests.readLine()) {
        switch (request) {
          case "accept" -> accept(listener, selector);
          case "echo" -> echoAll(selector);
          default -> {
            awaitIdle();
            assertEquals(0, selector.select(100), "it waits for all of them");
            System.out.println(usedBytes());
          }
        }
      }
    }
  }

  private void accept(ServerSocketChannel listener, Selector selector) throws IOException {
    for (int i = 0; i < PART; i++) {
      SocketChannel server = listener.accept();
      server.setOption(StandardSocketOptions.TCP_NODELAY, true);
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_READ);
      channels.add(server);
    }
    System.out.println(PART);
  }

  private void echoAll(Selector selector) throws IOException {
    int echoed = 0;
    while (echoed < channels.size()) {
      echoed += selector.select(this::echo);
    }
    System.out.println(echoed);
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
