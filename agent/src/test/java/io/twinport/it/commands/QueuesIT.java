package io.twinport.it.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Jvm;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What waits in queues, and what was refused because one was full, can be seen from outside. */
@Tag("on-one-jdk")
@Timeout(240)
class QueuesIT {
  private static final int BACKLOG = 4;
  private static final int REFUSED = 3;
  private static final int UNREAD = 300_000;

  @Test
  void whatIsRefusedIsCountedAtBothEnds() throws Exception {
    Setup.needsSan();
    try (Program server = Jvm.of("BacklogServer", "127.0.0.1/0", "" + BACKLOG).start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open " + BACKLOG + " 127.0.0.1 " + server.port());
      for (int i = 0; i < REFUSED; i++) {
        client.fail("open 1 127.0.0.1 " + server.port());
      }
      server.takeError(); // The first refusal is a line.
      SwitchStatus.Line listener = SwitchStatus.of(server).listeners(server.port()).get(0);
      assertEquals(BACKLOG, listener.queued());
      assertEquals(REFUSED, listener.refused());
      assertEquals((double) REFUSED, SwitchStatus.of(client).counters().get("san.refused"));
      server.call("accept 1");
      assertEquals(BACKLOG - 1, SwitchStatus.of(server).listeners(server.port()).get(0).queued());
    }
  }

  @Test
  void whatNobodyReadsShowsAtBothEnds() throws Exception {
    Setup.needsSan();
    try (Program server = Jvm.of("BacklogServer", "127.0.0.1/0", "" + BACKLOG).start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 1 127.0.0.1 " + server.port());
      server.call("accept 1");
      client.call("write " + UNREAD);
      SwitchStatus.Line sent = SwitchStatus.of(client).connections(server.port()).get(0);
      assertEquals(UNREAD, sent.sendQueue());
      assertEquals(0, sent.receiveQueue());
      SwitchStatus.Line received = SwitchStatus.of(server).connections(server.port()).get(0);
      assertEquals(UNREAD, received.receiveQueue());
      assertEquals(0, received.sendQueue());
      server.call("drain " + UNREAD);
      assertEquals(0, SwitchStatus.of(client).connections(server.port()).get(0).sendQueue());
    }
  }
}
