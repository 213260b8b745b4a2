package io.twinport.agent.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.agent.control.ControlJson;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopScreenTest {
  private static Map<?, ?> sample(long intervalMillis, long bytes, long refused, long tcp) {
    return (Map<?, ?>)
        ControlJson.parse(
            """
            {"schema":2,"pid":7,"id":"0badcafe","command":"com.example.Server",
             "time":"2026-11-30T12:34:56.789Z","intervalMillis":%d,
             "listeners":[{"local":"127.0.0.1:8080","path":"tcp+shm","queued":3,"backlog":50,
               "accepted":%d,"refused":%d,"givenUp":1}],
             "connections":[
               {"local":"[2001:db8:1111:2222:3333:4444:5555:6666]:8080",
                "remote":"[2001:db8:1111:2222:3333:4444:5555:7777]:65535","path":"shm",
                "role":"accepted","state":"half-closed-in","ageMillis":192000,
                "receiveQueueBytes":4194304,"sendQueueBytes":9999,
                "receivedBytesSince":%d,"sentBytesSince":5,"operationsSince":20000}],
             "counters":{"san.accepted":%d,"san.connected":0,"san.refused":0,
               "tcp.client-used-tcp":%d},
             "totals":{"sanConnections":1,"tcpConnections":4,"connecting":0,"receivedBytes":%d,
               "receiveOperations":0,"receiveQueueBytes":4194304,"sentBytes":0,
               "sendOperations":0,"sendQueueBytes":9999}}
            """
                .formatted(intervalMillis, bytes, refused, bytes, bytes, tcp, bytes));
  }

  @Test
  void ratesAreOfTheInterval() {
    List<String> lines =
        TopScreen.lines(sample(2000, 3_000_000, 58, 12), sample(0, 0, 50, 10), "rate", 0);
    assertEquals(
        """
        process 7  com.example.Server  12:34:56
        SAN 1  TCP 4  connecting 0   unread here 4.0M, at peers 9999
        in 1.4MB/s 0 calls/s   out 0B/s 0 calls/s
        accepted 1.4M/s  connected 0/s  refused 0/s
        TCP so far: client-used-tcp 12 (+2)

        LISTENER                           QUEUED  BACKLOG  ACCEPT/s   REFUSED  GIVEN-UP
        127.0.0.1:8080                          3       50      1.4M        58         1

        connections by rate, the first ones:
        PEER                   PORT ST      IN/s   OUT/s CALLS/s  RECV-Q  SEND-Q     AGE
        +444:5555:7777]:65535  8080 h-in    1.4M     2.5    9.8K    4.0M    9999   3m12s""",
        String.join("\n", lines));
    for (String line : lines) {
      assertTrue(line.length() <= TopScreen.WIDTH, line);
    }
  }

  @Test
  void sizesAndTimesAreShort() {
    assertEquals("9999", Answers.size(9_999));
    assertEquals("9.8K", Answers.size(10_000));
    assertEquals("1.0M", Answers.size(1_048_575));
    assertEquals("8.0E".length(), Answers.size(1L << 40).length());
    assertEquals("999ms", Answers.time(999));
    assertEquals("59.9s", Answers.time(59_999));
    assertEquals("3m12s", Answers.time(192_000));
    assertEquals("1h00m", Answers.time(3_600_000));
    assertEquals("2d03h", Answers.time(51 * 3_600_000L));
  }
}
