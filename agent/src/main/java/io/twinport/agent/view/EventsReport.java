package io.twinport.agent.view;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What has kept connections from the SAN, for people: a line for each event, oldest first. */
public final class EventsReport {
  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

  private EventsReport() {}

  /** All events of one process; times are those of {@code zone}. */
  public static void print(Map<String, Object> answer, ZoneId zone, PrintWriter out) {
    String process =
        "process "
            + Answers.clean(answer.get("pid"))
            + " ("
            + Answers.clean(answer.get("id"))
            + ")";
    if (answer.containsKey("error")) {
      out.println(process + " " + Answers.clean(answer.get("error")));
      return;
    }
    out.println(process + ": " + Answers.clean(answer.get("command")));
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"FIRST", "LAST", "TIMES", "EVENT", "WHERE", "WHY"});
    if (answer.get("events") instanceof List<?> events) {
      for (Object each : events) {
        if (each instanceof Map<?, ?> event) {
          rows.add(row(event, zone));
        }
      }
    }
    if (rows.size() == 1) {
      out.println("no events");
    } else {
      StatusReport.printTable(rows, out);
    }
    if (answer.get("eventsDropped") instanceof Long dropped && dropped > 0) {
      out.println(dropped + " older events are not kept any more");
    }
    out.println();
  }

  private static String[] row(Map<?, ?> event, ZoneId zone) {
    return new String[] {
      time(event.get("firstMillis"), DAY, zone),
      time(event.get("lastMillis"), TIME, zone),
      Answers.clean(event.get("times")),
      Answers.clean(event.get("event")),
      where(event),
      why(event)
    };
  }

  private static String time(Object millis, DateTimeFormatter as, ZoneId zone) {
    return millis instanceof Long known ? as.format(Instant.ofEpochMilli(known).atZone(zone)) : "?";
  }

  /** A listener is at its address, and a client goes to one. */
  private static String where(Map<?, ?> event) {
    List<String> parts = new ArrayList<>();
    if (event.get("local") != null) {
      parts.add("at " + Answers.clean(event.get("local")));
      if (event.get("remote") != null) {
        parts.add("from " + Answers.clean(event.get("remote")));
      }
    } else if (event.get("remote") != null) {
      parts.add("to " + Answers.clean(event.get("remote")));
    }
    if (event.get("provider") != null) {
      parts.add("(" + Answers.clean(event.get("provider")) + ")");
    }
    return String.join(" ", parts);
  }

  private static String why(Map<?, ?> event) {
    String reason = Answers.clean(event.get("reason"));
    if (event.get("detail") == null) {
      return Answers.clean(event.get("why")) + " (" + reason + ")";
    }
    String detail = Answers.clean(event.get("detail"));
    return "provider-failed".equals(event.get("event")) && "provider-failed".equals(reason)
        ? detail
        : Answers.clean(event.get("why")) + " (" + reason + "), " + detail;
  }
}
