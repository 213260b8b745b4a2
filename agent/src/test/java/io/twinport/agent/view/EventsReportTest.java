package io.twinport.agent.view;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.agent.control.ControlJson;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventsReportTest {
  @SuppressWarnings("unchecked")
  private static String printed(String json) {
    StringWriter text = new StringWriter();
    Map<String, Object> answer = (Map<String, Object>) ControlJson.parse(json);
    EventsReport.print(answer, ZoneId.of("Europe/Berlin"), new PrintWriter(text, true));
    return text.toString();
  }

  @Test
  void aLineForEachEventInLocalTime() {
    assertEquals(
        """
        process 7 (0badcafe): com.example.Server
        FIRST                LAST      TIMES  EVENT            WHERE                             WHY
        2026-11-30 03:04:05  03:05:04  42     fallback         to 127.0.0.1:8080                 the listener has no twin (no-twin)
        2026-11-30 03:05:06  03:05:06  1      refused          at [::]:8080 from 127.0.0.1:1025  the SAN backlog is full (backlog-full)
        2026-11-30 03:05:07  03:05:07  1      provider-failed  (shm)                             no connection to x: IOException: y
        3 older events are not kept any more

        """,
        printed(
            """
                {"pid":7,"id":"0badcafe","command":"com.example.Server","eventsDropped":3,"events":[
                 {"firstMillis":1796004245000,"lastMillis":1796004304000,"times":42,
                  "event":"fallback","side":"client","remote":"127.0.0.1:8080","port":8080,
                  "reason":"no-twin","why":"the listener has no twin"},
                 {"firstMillis":1796004306000,"lastMillis":1796004306000,"times":1,
                  "event":"refused","side":"listener","local":"[::]:8080","remote":"127.0.0.1:1025",
                  "port":8080,"reason":"backlog-full","why":"the SAN backlog is full"},
                 {"firstMillis":1796004307000,"lastMillis":1796004307000,"times":1,
                  "event":"provider-failed","side":"client","provider":"shm",
                  "reason":"provider-failed","why":"w",
                  "detail":"no connection to x: IOException: y"}]}
                """));
  }

  @Test
  void noEventsAreSaidToBeNone() {
    assertEquals(
        "process 7 (a): x\nno events\n\n",
        printed("{\"pid\":7,\"id\":\"a\",\"command\":\"x\",\"events\":[]}"));
    assertEquals(
        "process 7 (a) does not answer\n",
        printed("{\"pid\":7,\"id\":\"a\",\"error\":\"does not answer\"}"));
  }

  @Test
  void aTerminalIsToldNothingByAProcess() {
    String text =
        printed(
            "{\"pid\":7,\"id\":\"a\",\"command\":\"x\",\"events\":[{\"event\":\"\\u001b[2J\","
                + "\"firstMillis\":\"\\u0007\",\"remote\":\"\\u009b\"}, 1, null]}");
    assertEquals(text.replaceAll("[^\\P{Cc}\n]", "?"), text);
  }
}
