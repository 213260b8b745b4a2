package io.twinport.agent.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.agent.control.ControlJson;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatusReportTest {
  private final StringWriter text = new StringWriter();
  private final PrintWriter out = new PrintWriter(text);

  @SuppressWarnings("unchecked")
  private static Map<String, Object> answer(String json) {
    return (Map<String, Object>) ControlJson.parse(json);
  }

  @Test
  void oneProcessInFull() {
    StatusReport.print(
        answer(
            """
            {"pid":7,"id":"0badcafe","version":"1.0","jdk":"17","command":"com.example.Server",
             "providers":["shm"],"details":{"shm":"1 link"},
             "listeners":[{"local":"[::]:8080","path":"tcp+shm","queued":3,"refused":58}],
             "connections":[
              {"local":"127.0.0.1:8080","remote":"127.0.0.1:1025","path":"shm","role":"accepted",
               "receiveQueue":0,"sendQueue":300000},
              {"local":"127.0.0.1:8080","remote":"127.0.0.1:40000","path":"tcp","role":"accepted",
               "reason":"client-used-tcp","why":"the client came over TCP"}],
             "counters":{"san.accepted":1,"tcp.client-used-tcp":12}}
            """),
        out);
    assertEquals(
        """
        process 7 (0badcafe): com.example.Server
        twinport 1.0, java 17
        shm: 1 link

        LISTENER   PATH     QUEUED  REFUSED  WHY
        [::]:8080  tcp+shm  3       58

        LOCAL           REMOTE           ROLE      PATH  RECV-Q  SEND-Q  WHY
        127.0.0.1:8080  127.0.0.1:1025   accepted  shm   0       300000
        127.0.0.1:8080  127.0.0.1:40000  accepted  tcp                   the client came over TCP (client-used-tcp)

        CONNECTIONS SO FAR
        san.accepted         1
        tcp.client-used-tcp  12

        """,
        text.toString());
  }

  @Test
  void aListenerThatLacksATwinSaysWhich() {
    StatusReport.print(
        answer(
            """
            {"pid":7,"id":"0badcafe","version":"1.0","jdk":"17","command":"a.B",
             "listeners":[{"local":"[::]:8080","path":"tcp+shm","queued":0,"refused":0,"without":[
               {"provider":"ucx","reason":"provider-failed","why":"the SAN provider is ill"}]}]}
            """),
        out);
    assertTrue(
        text.toString()
            .contains(
                "[::]:8080  tcp+shm  0       0        not on ucx: the SAN provider is ill"
                    + " (provider-failed)"),
        text::toString);
  }

  @Test
  void everyProcessOnALine() {
    StatusReport.printOverview(
        List.of(
            answer(
                """
                {"pid":12345,"id":"00000001","command":"a.B",
                 "listeners":[{"path":"tcp"},{"path":"tcp+shm"}],
                 "connections":[{"path":"tcp"},{"path":"shm"},{"path":"shm"}]}
                """),
            answer("{\"pid\":1,\"id\":\"00000002\",\"error\":\"does not answer\"}")),
        out);
    assertEquals(
        """
        PID    ID        LISTENERS  TWINS  SAN  TCP  COMMAND
        12345  00000001  2          1      2    1    a.B
        1      00000002  -          -      -    -    (does not answer)
        """,
        text.toString());
  }

  @Test
  void aTerminalIsToldNothingByAProcess() {
    StatusReport.print(
        answer("{\"pid\":1,\"id\":\"a\",\"command\":\"\\u001b[2J\\u0007x\\u009b2J\"}"), out);
    assertEquals("process 1 (a): ?[2J?x?2J", text.toString().lines().findFirst().orElseThrow());
  }
}
