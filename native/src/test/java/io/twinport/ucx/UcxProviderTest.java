package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.host.Given;
import io.twinport.spi.Reason;
import io.twinport.spi.SanConnection;
import io.twinport.spi.SanListener;
import io.twinport.spi.SanUnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Listeners and connects as the switch sees them, over UCX's TCP on loopback. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("on-one-jdk")
final class UcxProviderTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private static UcxProvider provider(String... more) {
    Map<String, String> all = new HashMap<>(UcxOverTcp.SETTINGS);
    all.put("providers", "ucx");
    for (int i = 0; i < more.length; i += 2) {
      all.put(more[i], more[i + 1]);
    }
    UcxProvider provider = new UcxProvider();
    provider.configure(Given.of(all));
    return provider;
  }

  /**
   * An address that nobody listens on, nor on its SAN port: where a listener was closed, its
   * provider goes on to do so for a while, and each test has a provider of its own.
   */
  private static InetSocketAddress freeAddress() throws IOException {
    InetSocketAddress address;
    do {
      try (ServerSocket probe = new ServerSocket(0, 1, LOOPBACK)) {
        address = new InetSocketAddress(LOOPBACK, probe.getLocalPort());
      }
    } while (isListenedOn(sanPort(address)));
    return address;
  }

  private static boolean isListenedOn(int port) throws IOException {
    try (ServerSocket probe = new ServerSocket(port, 1, LOOPBACK)) {
      return !probe.isBound();
    } catch (BindException e) {
      return true;
    }
  }

  private static int sanPort(InetSocketAddress address) {
    return (address.getPort() - 1 + UcxSettings.read(Given.nothing()).portOffset()) % 65_535 + 1;
  }

  /** Waits for the outcome by polling. */
  private static SanConnection connect(UcxProvider provider, InetSocketAddress remote)
      throws IOException {
    SanConnection connection = provider.connect(remote, null);
    while (!connection.finishConnect()) {
      Thread.onSpinWait();
      provider.poll(true);
    }
    return connection;
  }

  private static SanConnection accept(UcxProvider provider, SanListener listener)
      throws IOException {
    SanConnection accepted = listener.accept();
    while (accepted == null) {
      Thread.onSpinWait();
      provider.poll(true);
      accepted = listener.accept();
    }
    return accepted;
  }

  @Test
  void theFifthClientOfABacklogOfFourIsRefusedAtOnce() throws IOException {
    UcxProvider provider = provider();
    InetSocketAddress address = freeAddress();
    SanListener listener = provider.listen(address, 4, destination -> null);
    List<SanConnection> clients = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      clients.add(connect(provider, address));
    }
    ConnectException e = assertThrows(ConnectException.class, () -> connect(provider, address));
    assertEquals("Connection refused", e.getMessage());
    // a place that is free again is given again, in the order of the requests
    SanConnection first = accept(provider, listener);
    assertEquals(clients.get(0).localAddress(), first.remoteAddress());
    clients.add(connect(provider, address));
    clients.forEach(SanConnection::abort);
    first.abort();
    listener.close();
  }

  @Test
  void withBacklogFullTcpTheFullBacklogSendsToTcp() throws IOException {
    UcxProvider provider = provider("backlog-full", "tcp");
    InetSocketAddress address = freeAddress();
    SanListener listener = provider.listen(address, 1, destination -> null);
    SanConnection client = connect(provider, address);
    assertReason(Reason.BACKLOG_FULL, provider, address);
    client.abort();
    listener.close();
  }

  @Test
  void theConditionDecidesBeforeTheClientIsToldAnything() throws IOException {
    UcxProvider provider = provider();
    InetSocketAddress address = freeAddress();
    List<InetSocketAddress> asked = new ArrayList<>();
    SanListener listener =
        provider.listen(
            address,
            1,
            destination -> {
              asked.add(destination);
              return Reason.RULE;
            });
    assertReason(Reason.RULE, provider, address);
    assertEquals(List.of(address), asked);
    listener.close();
  }

  @Test
  void aListenerThatRefusesSaysWhy() throws IOException {
    UcxProvider provider = provider();
    InetSocketAddress address = freeAddress();
    SanListener listener = provider.listen(address, 1, destination -> null);
    listener.refuse(Reason.SWITCHED_OFF);
    assertReason(Reason.SWITCHED_OFF, provider, address);
    listener.refuse(null);
    connect(provider, address).abort();
    listener.close();
  }

  @Test
  void aDestinationWithoutATwinIsNotAskedAgainForAWhile() throws IOException {
    UcxProvider provider = provider("ucx.retry-seconds", "3600");
    InetSocketAddress address = freeAddress();
    assertReason(Reason.NO_TWIN, provider, address);
    SanListener listener = provider.listen(address, 1, destination -> null);
    SanUnavailableException again =
        assertThrows(SanUnavailableException.class, () -> provider.connect(address, null));
    assertEquals(Reason.NO_TWIN, again.reason());
    listener.close();
  }

  @Test
  void aDestinationThatAnswersNobodyKeepsABoundedNumberOfEndpoints() throws Exception {
    UcxProvider provider = provider("connect-millis", "300");
    InetSocketAddress address = freeAddress();
    // the kernel accepts, and that is all, as where a process is stopped
    int where = sanPort(address);
    try (ServerSocket silent = new ServerSocket(where, 200, LOOPBACK)) {
      List<SanConnection> connects = new ArrayList<>();
      for (int i = 0; i < Endpoints.MOST_GIVEN_UP; i++) {
        connects.add(provider.connect(address, null));
      }
      for (SanConnection connection : connects) {
        assertTimesOut(provider, connection);
      }
      String full = " " + Endpoints.MOST_GIVEN_UP + " endpoints";
      assertTrue(provider.describe().endsWith(full), provider.describe());
      assertTimesOut(provider, provider.connect(address, null));
      assertTrue(provider.describe().endsWith(full), provider.describe());
      assertEquals(where, silent.getLocalPort());
    }
    awaitNoEndpoints(provider);
    SanListener listener = provider.listen(address, 1, destination -> null);
    connect(provider, address).abort();
    listener.close();
  }

  private static void assertTimesOut(UcxProvider provider, SanConnection connection) {
    SanUnavailableException e =
        assertThrows(
            SanUnavailableException.class,
            () -> {
              while (!connection.finishConnect()) {
                Thread.onSpinWait();
                provider.poll(true);
              }
            });
    assertEquals(Reason.TIMEOUT, e.reason());
  }

  @Test
  void aConnectThatIsGivenUpIsNeverAccepted() throws IOException, InterruptedException {
    UcxProvider provider = provider();
    InetSocketAddress address = freeAddress();
    SanListener listener = provider.listen(address, 10, destination -> null);
    int accepted = 0;
    int connected = 0;
    for (int round = 0; round < 50; round++) {
      SanConnection connection = provider.connect(address, null);
      for (int i = 0; i < 20 * round; i++) {
        Thread.onSpinWait();
      }
      if (!connection.cancelConnect()) {
        connected++;
        connection.abort();
      }
    }
    SanConnection last = connect(provider, address);
    last.write(ByteBuffer.wrap(new byte[] {42}));
    while (true) {
      SanConnection next = accept(provider, listener);
      accepted++;
      if (next.remoteAddress().equals(last.localAddress())) {
        next.abort();
        break;
      }
      next.abort();
    }
    assertEquals(connected + 1, accepted);
    last.abort();
    listener.close();
  }

  @Test
  void aConnectionOnWhichNothingIsSaidLivesOn() throws Exception {
    UcxProvider provider = provider("ucx.keepalive-millis", "100");
    InetSocketAddress address = freeAddress();
    SanListener listener = provider.listen(address, 1, destination -> null);
    SanConnection client = connect(provider, address);
    SanConnection server = accept(provider, listener);
    // four times as long as it takes for a peer that is gone to be given up
    Thread.sleep(1_600);
    assertEquals(1, client.write(ByteBuffer.wrap(new byte[] {42})));
    ByteBuffer one = ByteBuffer.allocate(1);
    while (server.read(one) == 0) {
      provider.poll(true);
    }
    assertEquals(42, one.get(0));
    client.abort();
    server.abort();
    listener.close();
  }

  @Test
  void aThousandConnectsLeaveNothing() throws Exception {
    UcxProvider provider = provider();
    InetSocketAddress address = freeAddress();
    SanListener listener = provider.listen(address, 10, destination -> null);
    rounds(provider, listener, address, 50);
    awaitNoEndpoints(provider);
    int before = descriptors();
    rounds(provider, listener, address, 1_000);
    awaitNoEndpoints(provider);
    int after = descriptors();
    assertTrue(after <= before + 8, before + " descriptors before, " + after + " after");
    listener.close();
  }

  private static void rounds(
      UcxProvider provider, SanListener listener, InetSocketAddress address, int count)
      throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    for (int i = 0; i < count; i++) {
      SanConnection client = connect(provider, address);
      SanConnection server = accept(provider, listener);
      assertEquals(1, client.write(ByteBuffer.wrap(new byte[] {(byte) i})));
      one.clear();
      while (server.read(one) == 0) {
        provider.poll(true);
      }
      assertEquals((byte) i, one.get(0));
      client.close();
      server.close();
    }
  }

  private static void awaitNoEndpoints(UcxProvider provider) throws InterruptedException {
    while (!provider.describe().endsWith(" 0 endpoints")) {
      Thread.sleep(10);
    }
  }

  private static int descriptors() {
    String[] open = Path.of("/proc/self/fd").toFile().list();
    assertNotNull(open);
    return open.length;
  }

  @Test
  void aHostWithoutDevicesIsOneLineThatSaysWhatToDo(@TempDir Path empty) {
    UcxProvider provider = new UcxProvider(empty);
    provider.configure(Given.of(Map.of("providers", "ucx")));
    PrintStream before = System.err;
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    System.setErr(new PrintStream(heard, true, StandardCharsets.UTF_8));
    try {
      assertFalse(provider.serves(new InetSocketAddress(0).getAddress()));
      assertFalse(provider.reaches(LOOPBACK));
      assertFalse(provider.serves(LOOPBACK));
    } finally {
      System.setErr(before);
    }
    String lines = heard.toString(StandardCharsets.UTF_8);
    assertEquals(1, lines.lines().count(), lines);
    assertTrue(lines.contains("there is no RDMA device"), lines);
    assertTrue(lines.contains("twinport.providers"), lines);
    assertFalse(provider.isStarted());
  }

  @Test
  void theInterfacesOfDevicesAreServed(@TempDir Path sysfs) throws IOException {
    Path entries = sysfs.resolve("rxe0/ports/1/gid_attrs/ndevs");
    Files.createDirectories(entries);
    Files.writeString(entries.resolve("0"), "lo\n");
    UcxProvider provider = new UcxProvider(sysfs);
    provider.configure(Given.of(Map.of("providers", "ucx")));
    assertTrue(provider.serves(LOOPBACK));
    assertTrue(provider.reaches(LOOPBACK));
    assertTrue(provider.serves(new InetSocketAddress(0).getAddress()));
    assertFalse(provider.serves(InetAddress.getByName("192.0.2.200")));
    assertFalse(provider.reaches(InetAddress.getByName("192.0.2.200")));
    // what is on this host is left to shared memory, where there is any
    provider.configure(Given.of(Map.of("providers", "shm,ucx")));
    assertFalse(provider.reaches(LOOPBACK));
    provider.configure(
        Given.of(Map.of("providers", "ucx", "ucx.subnets", "192.0.2.128/25,203.0.113.7")));
    assertTrue(provider.reaches(InetAddress.getByName("192.0.2.200")));
    assertFalse(provider.reaches(InetAddress.getByName("192.0.2.100")));
    assertTrue(provider.reaches(InetAddress.getByName("203.0.113.7")));
  }

  private static void assertReason(Reason reason, UcxProvider provider, InetSocketAddress address) {
    SanUnavailableException e =
        assertThrows(SanUnavailableException.class, () -> connect(provider, address));
    assertEquals(reason, e.reason());
  }
}
