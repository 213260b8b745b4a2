package io.twinport.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The address of a client's end is the one that the JDK's sockets would get. */
@Timeout(60)
@ExtendWith(OpenDescriptors.class)
class RoutingTest {
  private static final int PORT = 65_535;

  /** What the JDK finds. */
  private static String expected(InetSocketAddress destination) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(destination);
      return socket.getLocalAddress().getHostAddress();
    }
  }

  private static List<InetSocketAddress> destinations() throws IOException {
    List<InetSocketAddress> found = new ArrayList<>();
    NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .forEach(each -> found.add(new InetSocketAddress(each, PORT)));
    found.add(new InetSocketAddress(InetAddress.getByName("127.1.2.3"), PORT));
    return found;
  }

  /** The JDK keeps a descriptor from its first datagram socket on. */
  @BeforeAll
  static void askTheJdk() throws Exception {
    for (InetSocketAddress each : destinations()) {
      expected(each);
    }
  }

  @Test
  void asTheJdkFindsIt() throws Exception {
    for (InetSocketAddress each : destinations()) {
      assertEquals(expected(each), Routing.sourceFor(each).getHostAddress(), each::toString);
    }
  }

  @Test
  void noRouteIsOneLine() throws Exception {
    // Nobody may connect to it without SO_BROADCAST; on no machine has it a route.
    InetSocketAddress everybody = new InetSocketAddress("255.255.255.255", PORT);
    IOException failure = assertThrows(IOException.class, () -> Routing.sourceFor(everybody));
    assertEquals(1, failure.getMessage().lines().count());
  }

  /** An application may have used up its direct memory; it gets connections all the same. */
  @Test
  void takesNoDirectMemory() throws Exception {
    Process process = ChildJvm.start(Asking.class, List.of("-XX:MaxDirectMemorySize=1"));
    process.getOutputStream().close();
    try (InputStream errors = process.getErrorStream();
        InputStream output = process.getInputStream()) {
      assertEquals("", new String(errors.readAllBytes(), UTF_8));
      assertEquals("127.0.0.1", new String(output.readAllBytes(), UTF_8).strip());
    }
    assertEquals(0, process.waitFor());
  }

  static final class Asking {
    private Asking() {}

    public static void main(String[] arguments) throws IOException {
      InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
      System.out.println(Routing.sourceFor(new InetSocketAddress(loopback, PORT)).getHostAddress());
    }
  }
}
