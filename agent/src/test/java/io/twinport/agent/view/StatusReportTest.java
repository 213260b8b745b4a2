package io.twinport.agent.view;

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
             "captures":[{"who":"user root","filter":"port 80","to":"/tmp/\\u001ba","packets":1,
              "since":"2026-11-30T15:04:05.123456Z","bytes":300000,"dropped":2,"droppedBytes":9}],
             "listeners":[{"local":"[::]:8080","path":"tcp+shm","queued":3,"refused":58}],
             "connections":[
              {"local":"127.0.0.1:8080","remote":"127.0.0.1:1025","path":"shm","role":"accepted",
               "receivedBytes":12,"receiveQueueBytes":0,"sentBytes":300000,"sendQueueBytes":300000},
              {"local":"127.0.0.1:8080","remote":"127.0.0.1:40000","path":"tcp","role":"accepted",
               "reason":"client-used-tcp","why":"the client came over TCP"}],
             "counters":{"san.accepted":1,"tcp.client-used-tcp":12}}
            """),
        false,
        out);
    assertEquals(
        """
        process 7 (0badcafe): com.example.Server
        twinport 1.0, java 17
        shm: 1 link
        capture by user root since 2026-11-30T15:04:05Z: port 80, to /tmp/?a; 1 packet, 293.0K, 2 dropped

        LISTENER   PATH     QUEUED  REFUSED  WHY
        [::]:8080  tcp+shm  3       58

        LOCAL           REMOTE           ROLE      PATH  RECV-Q  SEND-Q  WHY
        127.0.0.1:8080  127.0.0.1:1025   accepted  shm   0       300000
        127.0.0.1:8080  127.0.0.1:40000  accepted  tcp                   the client came over TCP (client-used-tcp)
        2 connections: 1 shm, 1 tcp; SAN: received 12, sent 293.0K, unread here 0, at peers 300000

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
        false,
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
                {"pid":12345,"id":"00000001","version":"1.0","command":"a.B",
                 "listeners":[{"path":"tcp"},{"path":"tcp+shm"}],
                 "connections":[{"path":"tcp"},{"path":"shm"},{"path":"shm"}]}
                """),
            answer("{\"pid\":1,\"id\":\"00000002\",\"error\":\"does not answer\"}")),
        out);
    assertEquals(
        """
        PID    ID        VERSION  LISTENERS  TWINS  SAN  TCP  COMMAND
        1      00000002  -        -          -      -    -    (does not answer)
        12345  00000001  1.0      2          1      2    1    a.B
        """,
        text.toString());
  }

  @Test
  void aPeerOnAnotherHostHasItsNumberThere() {
    DetailsReport.printConnections(
        List.of(
            answer(
                """
                {"local":"10.0.0.1:8080","remote":"10.0.0.2:1025","path":"ucx","role":"accepted",
                 "state":"open","peerPid":4712}
                """)),
        out);
    assertEquals(
        "10.0.0.1:8080 <- 10.0.0.2:1025  ucx  open  pid 4712 at its host\n", text.toString());
  }

  @Test
  void oneProcessWithAllNumbers() {
    StatusReport.print(
        answer(
            """
            {"pid":7,"id":"0badcafe","version":"1.0","jdk":"17","command":"com.example.Server",
             "listeners":[{"local":"[::]:8080","path":"tcp+shm","queued":3,"backlog":50,
               "accepted":17,"refused":58,"givenUp":1,
               "waiter":{"kind":"thread","name":"main","asleep":true}}],
             "connections":[
              {"local":"127.0.0.1:8080","remote":"127.0.0.1:1025","path":"shm","role":"accepted",
               "state":"half-closed-in","ageMillis":192000,"peerPid":4712,
               "receivedBytes":12,"receiveOperations":3,"receiveQueueBytes":0,
               "receiveWindowBytes":4194304,"receiveQuietMillis":12345,
               "receiveSleeps":3,"receiveWakeups":2,"receiveSpins":1,
               "sentBytes":300000,"sendOperations":1,"sendQueueBytes":300000,
               "sendWindowBytes":3894304,"sendSleeps":0,"sendWakeups":0,"sendSpins":0,
               "sendWaiter":{"kind":"selector","name":"worker-1","asleep":false,
                 "sleeps":5,"wakeups":4,"spins":9}},
              {"local":"127.0.0.1:8080","remote":"127.0.0.1:40000","path":"tcp","role":"accepted",
               "state":"open","reason":"client-used-tcp","why":"the client came over TCP"}]}
            """),
        true,
        out);
    assertEquals(
        """
        process 7 (0badcafe): com.example.Server
        twinport 1.0, java 17

        listener [::]:8080  tcp+shm
          queued 3 of 50  accepted 17  refused 58  given up 1
          waits: thread main, which sleeps

        127.0.0.1:8080 <- 127.0.0.1:1025  shm  half-closed-in  age 3m12s  pid 4712
          in   12 in 3 calls  queue 0  window 4.0M  quiet for 12.3s
               slept 3  woken 2  spun 1
          out  293.0K in 1 call  queue 300000  window 3.7M
               waits: the selector of worker-1, which is awake
                      it has slept 5  woken 4  spun 9
        127.0.0.1:8080 <- 127.0.0.1:40000  tcp  open
          the client came over TCP (client-used-tcp)
        2 connections: 1 shm, 1 tcp; SAN: received 12, sent 293.0K, unread here 0, at peers 300000

        CONNECTIONS SO FAR

        """,
        text.toString());
  }

  @Test
  void aTerminalIsToldNothingByAProcess() {
    StatusReport.print(
        answer("{\"pid\":1,\"id\":\"a\",\"command\":\"\\u001b[2J\\u0007x\\u009b2J\"}"), false, out);
    assertEquals("process 1 (a): ?[2J?x?2J", text.toString().lines().findFirst().orElseThrow());
  }
}
