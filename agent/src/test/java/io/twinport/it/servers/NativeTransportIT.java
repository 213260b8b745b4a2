package io.twinport.it.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.San;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Netty's native transports pass Twinport by: {@code status} names them, and they can be avoided.
 */
@Tag("on-one-jdk")
@Timeout(240)
class NativeTransportIT {
  @Test
  void nettysEpollWorksOverTcpAndIsNamed() throws Exception {
    try (Program server = epollServer().start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      server.ignoreErrors(NativeTransportIT::isNettys);
      assertTrue(server.call("transport").line().contains("epoll=true"));
      client.call("open 2 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      San.assertOnTcp(server, server.port(), 2);
      client.call("close");
      Setup.needsSan();
      SwitchStatus status = SwitchStatus.of(server);
      assertEquals(List.of(seen("io.netty")), status.json().get("nativeTransports"));
      SwitchStatus.Line listener = status.listeners(server.port()).get(0);
      assertEquals("tcp", listener.path());
      assertEquals("outside", listener.reason());
      String text = Jvm.command("status", Long.toString(server.pid())).output();
      assertTrue(text.contains("-Dio.netty.transport.noNative=true"), text);
      server.ignoreErrors(NativeTransportIT::isNettys);
    }
  }

  /** Both the transport and the one who attaches have the process answer, and only one can. */
  @Test
  void nettysEpollIsNamedWhereTwinportComesLater() throws Exception {
    Setup.needsSan();
    Jvm jvm = epollServer().withoutAgent().option("-XX:+EnableDynamicAgentLoading");
    try (Program server = jvm.start()) {
      server.ignoreErrors(NativeTransportIT::isNettys);
      assertTrue(server.call("transport").line().contains("epoll=true"));
      Finished attach = Jvm.command("attach", Long.toString(server.pid()));
      assertEquals(0, attach.status(), attach::toString);
      assertEquals(
          List.of(seen("io.netty")), SwitchStatus.of(server).json().get("nativeTransports"));
    }
  }

  @Test
  void preferNioTakesNettyOffItsEpoll() throws Exception {
    Setup.needsSan();
    try (Program server = epollServer().twinport("prefer-nio", "true").start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      assertTrue(server.call("transport").line().contains("epoll=false"));
      client.call("open 2 127.0.0.1 " + server.port());
      assertEquals(0, client.call("echo 4096").number("wrong"));
      San.assertOffTcp(server, server.port(), 2);
      SwitchStatus status = SwitchStatus.of(server);
      assertEquals(List.of(), status.json().get("nativeTransports"));
      assertEquals("tcp+shm", status.listeners(server.port()).get(0).path());
      client.call("close");
      server.ignoreErrors(NativeTransportIT::isNettys);
    }
  }

  @Test
  void grpcsOwnNettyWorksOverTcpAndIsNamed() throws Exception {
    try (Program server = grpc("127.0.0.1/0").start();
        Program client = grpc().start()) {
      talk(server, client);
      San.assertOnTcp(server, server.port(), 1);
      Setup.needsSan();
      String netty = "io.grpc.netty.shaded.io.netty";
      for (Program each : List.of(server, client)) {
        assertEquals(List.of(seen(netty)), SwitchStatus.of(each).json().get("nativeTransports"));
      }
    }
  }

  @Test
  void preferNioTakesGrpcToTheSan() throws Exception {
    Setup.needsSan();
    try (Program server = grpc("127.0.0.1/0").twinport("prefer-nio", "true").start();
        Program client = grpc().twinport("prefer-nio", "true").start()) {
      talk(server, client);
      San.assertOffTcp(server, server.port(), 1);
      assertEquals("tcp+shm", SwitchStatus.of(server).listeners(server.port()).get(0).path());
    }
  }

  private static void talk(Program server, Program client) throws Exception {
    client.call("open 127.0.0.1 " + server.port());
    assertTrue(client.call("call 100000").line().contains("equal=true"));
    server.ignoreErrors(NativeTransportIT::isNettys);
    client.ignoreErrors(NativeTransportIT::isNettys);
  }

  private static Jvm epollServer() throws Exception {
    return Jvm.of("NettyEpollServer", "127.0.0.1/0").with(Setup.library("netty41-epoll"));
  }

  private static Jvm grpc(String... bindings) throws Exception {
    return Jvm.of("GrpcEcho", bindings).with(Setup.library("grpc"));
  }

  private static Map<String, Object> seen(String netty) {
    return Map.of(
        "transport", "epoll", "package", netty, "property", netty + ".transport.noNative");
  }

  /** From JDK 24 on, Netty draws warnings for its native code and for its use of Unsafe. */
  private static boolean isNettys(String line) {
    return line.isEmpty() || line.startsWith("WARNING: ");
  }
}
