package io.twinport.agent.control;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.agent.transforms.Transformer;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
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

  /** It looks at the beginning of a name first, and loads the class under test for few. */
  @Test
  void theTransformerPassesEverySignOn() throws Exception {
    ClassFileTransformer transformer = transformer();
    NativeTransports.preferNio();
    int number = 0;
    for (NativeTransports.Sign sign : NativeTransports.SIGNS) {
      String netty = "signs" + number++ + ".netty";
      String name = netty.replace('.', '/') + sign.tail();
      transformer.transform(getClass().getClassLoader(), name, null, null, new byte[0]);
      if (sign.inUse()) {
        NativeTransports.Seen seen = new NativeTransports.Seen(sign.transport(), netty);
        assertTrue(NativeTransports.seen().contains(seen), name);
      } else {
        assertTrue(Boolean.getBoolean(netty + ".transport.noNative"), name);
        System.clearProperty(netty + ".transport.noNative");
      }
    }
    System.clearProperty("io.netty.transport.noNative");
  }

  /** As it is installed in a process where nothing is loaded yet. */
  private static ClassFileTransformer transformer() {
    AtomicReference<ClassFileTransformer> installed = new AtomicReference<>();
    Instrumentation instrumentation =
        (Instrumentation)
            Proxy.newProxyInstance(
                Instrumentation.class.getClassLoader(),
                new Class<?>[] {Instrumentation.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("addTransformer")) {
                    installed.set((ClassFileTransformer) arguments[0]);
                  }
                  return method.getReturnType().isArray() ? new Class<?>[0] : null;
                });
    Transformer.install(instrumentation, Set.of(), () -> true);
    return installed.get();
  }
}
