package io.twinport.agent.commands;

import io.twinport.agent.control.ControlJson;
import io.twinport.agent.control.ControlName;
import io.twinport.agent.processes.ControlClient;
import io.twinport.agent.view.EventsReport;
import io.twinport.agent.view.StatusReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Shows what path the connections of a process take, and why. */
@Command(
    name = "status",
    description = {
      "Shows what path listeners and connections take, and why.",
      "Without a process: every process of this network namespace."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private OptionalTarget target;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Option(
      names = "--events",
      description = {
        "Shows what went by TCP that could have used the SAN, what was refused,",
        "and which provider has failed: when, where and why."
      })
  private boolean events;

  @Option(
      names = "--since",
      paramLabel = "<duration>",
      converter = Since.class,
      description = "Only events of that last time, such as 90s, 15m, 12h or 2d.")
  private Duration since;

  @Option(
      names = {"-d", "--details"},
      description = "Shows all numbers of each listener and connection.")
  private boolean details;

  @Mixin private StatusFilter filter;

  @Override
  public Integer call() throws IOException {
    if (since != null && !events) {
      throw new ParameterException(spec.commandLine(), "--since goes with --events");
    }
    filter.check();
    PrintWriter out = spec.commandLine().getOut();
    String named = target.name();
    List<ControlName> processes = ControlClient.find(named);
    if (named != null && processes.isEmpty()) {
      spec.commandLine().getErr().println(Target.none(named));
      return 1;
    }
    List<Map<String, Object>> answers = ControlClient.ask(processes, request());
    answers.forEach(filter::apply);
    boolean single = named != null && answers.size() == 1;
    if (json) {
      out.println(ControlJson.write(single ? answers.get(0) : answers));
    } else if (events) {
      answers.forEach(answer -> EventsReport.print(answer, ZoneId.systemDefault(), out));
    } else if (named == null && !details) {
      StatusReport.printOverview(answers, out);
    } else {
      printEach(answers, out);
    }
    return single && answers.get(0).containsKey("error") ? 1 : 0;
  }

  private String request() {
    if (!events) {
      return "status";
    }
    long from = since == null ? 0 : System.currentTimeMillis() - since.toMillis();
    return "events " + Math.max(0, from);
  }

  /** A whole number and a unit. */
  static final class Since implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      if (text.matches("\\d{1,6}[smhd]")) {
        long number = Long.parseLong(text.substring(0, text.length() - 1));
        switch (text.charAt(text.length() - 1)) {
          case 's':
            return Duration.ofSeconds(number);
          case 'm':
            return Duration.ofMinutes(number);
          case 'h':
            return Duration.ofHours(number);
          default:
            return Duration.ofDays(number);
        }
      }
      throw new TypeConversionException(
          "'" + text + "' is no duration; give a number and s, m, h or d, such as 15m");
    }
  }

  private void printEach(List<Map<String, Object>> answers, PrintWriter out) {
    if (answers.isEmpty()) {
      StatusReport.printOverview(answers, out); // Says so.
    }
    if (answers.size() > 1 && target.name() != null) {
      out.println(
          answers.size()
              + " processes have the id "
              + target.name()
              + ", each where it runs; all of them:");
    }
    for (Map<String, Object> answer : answers) {
      StatusReport.print(answer, details, out);
    }
  }
}
