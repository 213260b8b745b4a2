package io.twinport.it.jvms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The flight recorder says the same of a connection on the SAN as of one on TCP. */
@Timeout(300)
class FlightRecorderIT {
  @Test
  void theSocketEventsAreThoseOfTcp() throws Exception {
    Setup.needsSan();
    String overTcp;
    try (Program server = Jvm.of("RecordedEcho").withoutAgent().start();
        Program client = Jvm.of("RecordedEcho").withoutAgent().start()) {
      overTcp = events(server, client);
    }
    try (Program server = Jvm.of("RecordedEcho").start();
        Program client = Jvm.of("RecordedEcho").start()) {
      assertEquals(overTcp, events(server, client));
      assertEquals(2.0, SwitchStatus.of(client).counters().get("san.connected"));
    }
  }

  private static String events(Program server, Program client) throws IOException {
    server.call("record");
    client.call("record");
    client.call("channel " + server.port());
    client.call("socket " + server.port());
    String events = client.call("events").line() + "\n" + server.call("events").line();
    assertNotEquals("ok \nok ", events);
    return events;
  }

  @Test
  void aRecordingMayBeginAfterTheConnection() throws Exception {
    try (Program server = Jvm.of("RecordedEcho").start();
        Program client = Jvm.of("RecordedEcho").start()) {
      client.call("channel " + server.port());
      server.call("record");
      client.call("record");
      client.call("channel " + server.port());
      assertNotEquals("ok ", client.call("events").line());
      assertNotEquals("ok ", server.call("events").line());
    }
  }

  @Test
  void whoDoesNotRecordLoadsNoRecorder() throws Exception {
    try (Program server = Jvm.of("AcceptLoopServer", "127.0.0.1/0").start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 1 127.0.0.1 " + server.port());
      client.call("transfer 100000");
      assertFalse(isLoaded("jdk.jfr.FlightRecorder", server));
      assertFalse(isLoaded("jdk.jfr.FlightRecorder", client));
      assertTrue(isLoaded("java.nio.channels.SocketChannel", client));
      client.call("close");
    }
  }

  private static boolean isLoaded(String type, Program program) throws Exception {
    String jcmd = Setup.JDK.resolve("bin/jcmd").toString();
    Finished classes =
        Finished.run(List.of(jcmd, Long.toString(program.pid()), "VM.class_hierarchy", type));
    assertEquals(0, classes.status(), classes.errors());
    return classes.output().contains(type);
  }
}
