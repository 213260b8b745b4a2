package io.twinport.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which addresses are this host's. */
@Timeout(60)
final class LocalAddressesTest {
  private static InetAddress address(String literal) throws Exception {
    return InetAddress.getByName(literal);
  }

  private static List<InetAddress> ofThisHost() throws Exception {
    return NetworkInterface.networkInterfaces()
        .filter(LocalAddressesTest::isUp)
        .flatMap(NetworkInterface::inetAddresses)
        .filter(each -> !each.isLinkLocalAddress())
        .toList();
  }

  private static boolean isUp(NetworkInterface device) {
    try {
      return device.isUp();
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void loopbackAndInterfacesAreLocalAndOthersAreNot() throws Exception {
    LocalAddresses addresses = new LocalAddresses();
    for (InetAddress own : ofThisHost()) {
      assertTrue(addresses.isLocal(own), own::toString);
      assertTrue(addresses.wasLocal(own), own::toString);
    }
    for (String other : new String[] {"192.0.2.1", "224.0.0.1", "169.254.3.4", "2001:db8::1"}) {
      assertFalse(addresses.isLocal(address(other)), other);
      assertFalse(addresses.wasLocal(address(other)), other);
    }
    assertTrue(addresses.isLocal(address("127.1.2.3")));
    assertTrue(addresses.wasLocal(address("::1")));
  }

  /** The thread that asks does not look again; another does, and ends. */
  @Test
  void aLookThatIsOldIsRepeatedElsewhere() throws Exception {
    LocalAddresses addresses = new LocalAddresses();
    InetAddress other = address("192.0.2.1");
    assertFalse(addresses.wasLocal(other));
    assertEquals(0, looking());
    TimeUnit.MILLISECONDS.sleep(1_100); // What it is about: the look is more than a second old.
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    assertFalse(addresses.wasLocal(other));
    while (looking() != 0) {
      assertTrue(System.nanoTime() < deadline, "the look does not end");
      TimeUnit.MILLISECONDS.sleep(1);
    }
    assertFalse(addresses.wasLocal(other));
  }

  private static long looking() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("twinport-addresses"))
        .count();
  }
}
