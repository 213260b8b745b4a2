package io.twinport.it.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;

/** What {@code twinport.jar status PID --json} says of a process. */
public record SwitchStatus(Map<String, Object> json) {
  /** A listener or a connection; a field that does not apply is null. */
  public record Line(
      String local,
      String remote,
      String path,
      String role,
      String reason,
      Double queued,
      Double refused,
      Double receiveQueue,
      Double sendQueue) {
    public boolean atPort(int port) {
      return local.endsWith(":" + port) || (remote != null && remote.endsWith(":" + port));
    }
  }

  public static SwitchStatus of(Program program) throws Exception {
    String pid = Long.toString(program.pid());
    return of(Jvm.command(program.machine(), "status", pid, "--json"));
  }

  /**
   * As {@link #of(Program)}.
   *
   * @param through a command to ask through, such as {@code nsenter}
   */
  public static SwitchStatus of(Program program, String... through) throws Exception {
    String pid = Long.toString(program.pid());
    return of(Jvm.command(List.of(through), "status", pid, "--json"));
  }

  private static SwitchStatus of(Finished command) {
    assertEquals("", command.errors(), "status writes to standard error");
    assertEquals(0, command.status(), command.output());
    return new SwitchStatus(object(Json.parse(command.output())));
  }

  /** Every process of this network namespace. */
  public static List<SwitchStatus> all() throws Exception {
    return all(Machine.THIS);
  }

  /**
   * Every process of a network namespace.
   *
   * @param through a command to ask through, such as {@code nsenter}
   */
  public static List<SwitchStatus> allThrough(String... through) throws Exception {
    return all(Jvm.command(List.of(through), "status", "--json"));
  }

  /** Every process of another machine. */
  public static List<SwitchStatus> all(Machine machine) throws Exception {
    return all(Jvm.command(machine, "status", "--json"));
  }

  private static List<SwitchStatus> all(Finished command) {
    assertEquals("", command.errors(), "status writes to standard error");
    assertEquals(0, command.status(), command.output());
    return ((List<?>) Json.parse(command.output()))
        .stream().map(each -> new SwitchStatus(object(each))).toList();
  }

  /** Whether the process could be asked. */
  public boolean isAnswered() {
    return !json.containsKey("error");
  }

  public long pid() {
    return ((Double) json.get("pid")).longValue();
  }

  public List<Line> listeners(int port) {
    return lines("listeners", port);
  }

  public List<Line> connections(int port) {
    return lines("connections", port);
  }

  /** How many connections took which path. */
  public Map<String, Object> counters() {
    return object(json.get("counters"));
  }

  private List<Line> lines(String name, int port) {
    return ((List<?>) json.get(name))
        .stream()
            .map(SwitchStatus::object)
            .map(
                each ->
                    new Line(
                        (String) each.get("local"),
                        (String) each.get("remote"),
                        (String) each.get("path"),
                        (String) each.get("role"),
                        (String) each.get("reason"),
                        (Double) each.get("queued"),
                        (Double) each.get("refused"),
                        (Double) each.get("receiveQueueBytes"),
                        (Double) each.get("sendQueueBytes")))
            .filter(line -> line.atPort(port))
            .toList();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object json) {
    return (Map<String, Object>) json;
  }
}
