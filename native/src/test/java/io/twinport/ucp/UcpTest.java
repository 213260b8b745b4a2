package io.twinport.ucp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jnr.ffi.LibraryLoader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The library, and its calls as far as one process can try them. */
final class UcpTest {
  private static final Map<String, String> OVER_TCP =
      Map.of("TLS", "tcp,self", "SOCKADDR_TLS_PRIORITY", "tcp");
  private static final int SIGNALS = 64;
  private static final int SIGACTION_BYTES = 152;

  /** Of handler and mask; what comes behind is not filled in, but for the flags. */
  private static final int HANDLER_AND_MASK_BYTES = 16;

  private static final int FLAGS_AT = 136;
  private static final int KEPT_BYTES = HANDLER_AND_MASK_BYTES + Integer.BYTES;

  /** For looking at what the process does with signals. */
  public interface Signals {
    int sigaction(int signal, long action, long before);
  }

  @BeforeAll
  static void loadPosix() throws IOException {
    Posix.load(null);
  }

  @Test
  void theJvmKeepsItsSignals() throws IOException {
    Signals signals = LibraryLoader.create(Signals.class).failImmediately().load("c");
    List<String> maskBefore = signalLines();
    byte[] before = actions(signals);
    UcpWorker worker = new UcpWorker(Ucp.load("libucp.so.0", false), OVER_TCP, 4, new Noted());
    worker.progress();
    assertEquals(maskBefore, signalLines());
    assertArrayEquals(before, actions(signals));
    worker.close();
  }

  /** What {@code /proc} says the process catches, ignores and blocks. */
  private static List<String> signalLines() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("SigCgt") || line.startsWith("SigIgn"))
        .toList();
  }

  /** Handler, flags and mask of each signal. */
  private static byte[] actions(Signals signals) {
    byte[] all = new byte[SIGNALS * KEPT_BYTES];
    long action = Memory.allocate(SIGACTION_BYTES);
    for (int signal = 1; signal <= SIGNALS; signal++) {
      // some are the C library's own, and stay zeroes
      if (signals.sigaction(signal, 0, action) == 0) {
        int at = (signal - 1) * KEPT_BYTES;
        Memory.copy(action, all, at, HANDLER_AND_MASK_BYTES);
        Memory.copy(action + FLAGS_AT, all, at + HANDLER_AND_MASK_BYTES, Integer.BYTES);
      }
    }
    Memory.free(action);
    return all;
  }

  @Test
  void theEnvironmentThatChildrenInheritIsUnchanged() throws IOException {
    Ucp.load("libucp.so.0", false);
    assertEquals(null, System.getenv("UCX_HANDLE_ERRORS"));
    assertEquals(null, new ProcessBuilder().environment().get("UCX_HANDLE_ERRORS"));
  }

  @Test
  void bytesGoFromOneEndpointToTheOther() throws IOException {
    Noted noted = new Noted();
    try (UcpWorker worker = new UcpWorker(Ucp.load("libucp.so.0", false), OVER_TCP, 4, noted)) {
      InetSocketAddress address = freeAddress();
      long listener = worker.listen(address, 7);
      long client = worker.connect(address, null, 11);
      long bytes = Memory.allocate(4);
      Memory.putInt(bytes, 0x01020304);
      long request = worker.send(client, bytes, 4);
      assertTrue(request > 0, "sent before it is connected");
      while (noted.requests.isEmpty()) {
        worker.progress();
      }
      assertEquals(List.of(7L), noted.listeners);
      InetSocketAddress from = worker.clientAddress(noted.requests.get(0));
      assertEquals(address.getAddress(), from.getAddress());
      assertTrue(from.getPort() > 0, "port of " + from);
      long server = worker.accept(noted.requests.get(0), 13);
      while (worker.poll() == 0) {
        worker.progress();
      }
      assertEquals(13, worker.polled(0));
      long received = worker.receive(server);
      assertEquals(4, worker.receivedLength());
      assertEquals(0x01020304, Memory.getInt(received));
      worker.release(server, received);
      assertEquals(0, worker.receive(server));
      while (worker.status(request) == Status.IN_PROGRESS) {
        worker.progress();
      }
      assertEquals(Status.OK, worker.status(request));
      worker.free(request);
      end(worker, client);
      while (noted.failed.isEmpty()) {
        worker.progress();
      }
      assertEquals(List.of(13L), noted.failed);
      assertEquals(List.of(Status.CONNECTION_RESET), noted.statuses);
      end(worker, server);
      worker.unlisten(listener);
      Memory.free(bytes);
    }
  }

  @Test
  void anAddressThatNobodyListensOnFails() throws IOException {
    Noted noted = new Noted();
    try (UcpWorker worker = new UcpWorker(Ucp.load("libucp.so.0", false), OVER_TCP, 4, noted)) {
      long client = worker.connect(freeAddress(), null, 5);
      while (noted.failed.isEmpty()) {
        worker.progress();
      }
      assertEquals(List.of(Status.NOT_CONNECTED), noted.statuses);
      end(worker, client);
    }
  }

  /** By default UCX has room for 1,024 of them, and does harm at the next connection. */
  @Test
  void thereIsRoomForThousandsOfSockets() throws IOException {
    try (UcpWorker worker =
        new UcpWorker(Ucp.load("libucp.so.0", false), OVER_TCP, 4, new Noted())) {
      InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      List<Long> listeners = new ArrayList<>();
      for (int i = 0; i < 1_500; i++) {
        listeners.add(worker.listen(any, i));
      }
      listeners.forEach(worker::unlisten);
    }
  }

  @Test
  void anAddressThatIsInUseIsBusy() throws IOException {
    try (UcpWorker worker =
        new UcpWorker(Ucp.load("libucp.so.0", false), OVER_TCP, 4, new Noted())) {
      InetSocketAddress address = freeAddress();
      long listener = worker.listen(address, 1);
      UcpException e = assertThrows(UcpException.class, () -> worker.listen(address, 2));
      assertEquals(Status.BUSY, e.status());
      worker.unlisten(listener);
    }
  }

  @Test
  void aSettingThatUcxDoesNotTakeIsNamed() throws IOException {
    Ucp library = Ucp.load("libucp.so.0", false);
    UcpException e =
        assertThrows(
            UcpException.class,
            () -> new UcpWorker(library, Map.of("TLS", "no-such-transport"), 4, new Noted()));
    assertTrue(e.getMessage().startsWith("ucp_init"), e.getMessage());
  }

  private static void end(UcpWorker worker, long endpoint) {
    long request = worker.close(endpoint, true);
    while (request > 0 && worker.status(request) == Status.IN_PROGRESS) {
      worker.progress();
    }
    if (request > 0) {
      worker.free(request);
    }
  }

  private static InetSocketAddress freeAddress() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (java.net.ServerSocket probe = new java.net.ServerSocket(0, 1, loopback)) {
      return new InetSocketAddress(loopback, probe.getLocalPort());
    }
  }

  private static final class Noted implements UcpWorker.Upcalls {
    final List<Long> listeners = new ArrayList<>();
    final List<Long> requests = new ArrayList<>();
    final List<Long> failed = new ArrayList<>();
    final List<Integer> statuses = new ArrayList<>();

    @Override
    public void requested(long listener, long request) {
      listeners.add(listener);
      requests.add(request);
    }

    @Override
    public void failed(long endpoint, int status) {
      failed.add(endpoint);
      statuses.add(status);
    }
  }
}
