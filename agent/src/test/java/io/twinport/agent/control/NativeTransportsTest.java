package io.twinport.agent.control;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which class names are signs of a native transport. */
class NativeTransportsTest {
  @ParameterizedTest
  @CsvSource({
    "io/netty/channel/epoll/EpollEventLoop, epoll, io.netty",
    "a/io/netty/channel/epoll/EpollIoHandler, epoll, a.io.netty",
    "b/netty/channel/uring/IoUringIoHandler, io_uring, b.netty",
    "c/io/netty/incubator/channel/uring/IOUringEventLoop, io_uring, c.io.netty",
  })
  void aTransportInUse(String loaded, String transport, String netty) {
    NativeTransports.loaded(loaded);
    assertTrue(
        NativeTransports.seen().contains(new NativeTransports.Seen(transport, netty)),
        () -> NativeTransports.seen().toString());
  }

  @ParameterizedTest
  @CsvSource({
    "d/io/netty/channel/epoll/Epoll",
    "d/io/netty/channel/epoll/Native",
    "d/io/netty/channel/nio/NioEventLoop",
    "d/io/netty/channel/epoll/",
    "Epoll",
  })
  void noSignThatOneIsUsed(String loaded) {
    NativeTransports.loaded(loaded);
    List<String> packages =
        NativeTransports.seen().stream().map(NativeTransports.Seen::netty).toList();
    assertFalse(packages.contains("d.io.netty"), packages::toString);
  }

  @Test
  void thePropertyMovesWithItsPackage() {
    NativeTransports.preferNio();
    NativeTransports.loaded("e/io/netty/channel/epoll/Epoll");
    NativeTransports.loaded("f/io/netty/incubator/channel/uring/IOUring");
    for (String netty : List.of("io.netty", "e.io.netty", "f.io.netty")) {
      assertTrue(Boolean.getBoolean(netty + ".transport.noNative"), netty);
      System.clearProperty(netty + ".transport.noNative");
    }
  }
}
