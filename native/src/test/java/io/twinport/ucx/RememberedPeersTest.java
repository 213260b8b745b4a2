package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.twinport.spi.Reason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which destinations are asked for a twin. */
final class RememberedPeersTest {
  private static final long KEPT = 100;
  private static final long START = System.nanoTime();
  private static final InetSocketAddress DESTINATION = destination(1);

  private final RememberedPeers peers = new RememberedPeers(KEPT);

  @ParameterizedTest
  @EnumSource(names = {"NO_TWIN", "TIMEOUT", "PEER_GONE", "WIRE_VERSION"})
  void oneThatNeverAnsweredIsNotAskedForAWhile(Reason reason) {
    assertNull(peers.reason(DESTINATION, START));
    peers.failed(DESTINATION, reason, START, START + 10);
    assertEquals(reason, peers.reason(DESTINATION, START + 10));
    assertEquals(reason, peers.reason(DESTINATION, START + 9 + KEPT));
    assertNull(peers.reason(destination(2), START + 10));
    assertNull(peers.reason(DESTINATION, START + 10 + KEPT));
    assertEquals(0, peers.size());
  }

  @ParameterizedTest
  @EnumSource(names = {"BACKLOG_FULL", "PROVIDER_FAILED", "BOUND_ADDRESS"})
  void whatIsNotAboutTheDestinationIsNotRemembered(Reason reason) {
    peers.failed(DESTINATION, reason, START, START);
    assertNull(peers.reason(DESTINATION, START));
  }

  @ParameterizedTest
  @EnumSource(names = {"TIMEOUT", "PEER_GONE"})
  void oneThatHasAnsweredMayMissOneConnect(Reason reason) {
    peers.answered(DESTINATION, START);
    peers.failed(DESTINATION, reason, START + 1, START + 20);
    assertNull(peers.reason(DESTINATION, START + 20));
    peers.failed(DESTINATION, reason, START + 20, START + 40);
    assertEquals(reason, peers.reason(DESTINATION, START + 40));
    assertNull(peers.reason(DESTINATION, START + 40 + KEPT));
    peers.failed(DESTINATION, reason, START + 40 + KEPT, START + 60 + KEPT);
    assertEquals(reason, peers.reason(DESTINATION, START + 60 + KEPT), "it has not answered since");
  }

  @Test
  void anAnswerMakesUpForTheMissedOne() {
    for (int i = 0; i < 5; i++) {
      long now = START + 10L * i;
      peers.answered(DESTINATION, now);
      peers.failed(DESTINATION, Reason.TIMEOUT, now, now + 5);
      assertNull(peers.reason(DESTINATION, now + 5));
    }
  }

  @Test
  void connectsThatMissTheirAnswersTogetherAreOne() {
    peers.answered(DESTINATION, START);
    for (int i = 0; i < 10; i++) {
      peers.failed(DESTINATION, Reason.TIMEOUT, START + i, START + 20 + i);
      assertNull(peers.reason(DESTINATION, START + 20 + i));
    }
  }

  @Test
  void aConnectDuringWhichAnotherWasAnsweredSaysNothing() {
    peers.answered(DESTINATION, START + 10);
    for (int i = 0; i < 3; i++) {
      peers.failed(DESTINATION, Reason.TIMEOUT, START + i, START + 20 + i);
    }
    peers.failed(DESTINATION, Reason.TIMEOUT, START + 30, START + 50);
    assertNull(peers.reason(DESTINATION, START + 50));
  }

  @ParameterizedTest
  @EnumSource(names = {"NO_TWIN", "WIRE_VERSION"})
  void oneThatSaysThatItHasNoTwinAnyMoreIsBelieved(Reason reason) {
    peers.answered(DESTINATION, START);
    peers.failed(DESTINATION, reason, START + 1, START + 2);
    assertEquals(reason, peers.reason(DESTINATION, START + 2));
    peers.answered(DESTINATION, START + 3);
    assertNull(peers.reason(DESTINATION, START + 3));
  }

  @Test
  void nothingIsRememberedForNoTime() {
    RememberedPeers none = new RememberedPeers(0);
    none.answered(DESTINATION, START);
    none.failed(DESTINATION, Reason.NO_TWIN, START, START);
    assertNull(none.reason(DESTINATION, START));
    assertEquals(0, none.size());
  }

  @Test
  void thereIsABoundAndOldOnesMakeRoom() {
    for (int i = 1; i <= 5_000; i++) {
      peers.answered(destination(i), START);
    }
    assertEquals(4_096, peers.size());
    peers.failed(destination(1), Reason.NO_TWIN, START + 1, START + 1);
    assertEquals(Reason.NO_TWIN, peers.reason(destination(1), START + 1), "it had its place");
    peers.failed(destination(6_000), Reason.NO_TWIN, START + 1, START + 1);
    assertNull(peers.reason(destination(6_000), START + 1));
    peers.failed(destination(6_000), Reason.NO_TWIN, START + KEPT, START + KEPT);
    assertEquals(Reason.NO_TWIN, peers.reason(destination(6_000), START + KEPT));
    assertEquals(2, peers.size());
  }

  private static InetSocketAddress destination(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
