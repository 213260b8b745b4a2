package io.twinport.agent.commands;

import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** What {@code off} and {@code on} are about. */
final class OffTarget {
  @Mixin private Target target;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "<port>",
      description = "The port listened on or connected to; every port if none is given.")
  private Integer port;

  /**
   * Has the process turn the SAN off or on.
   *
   * @param keep whether that is for processes that start later, too
   * @return the command's exit code
   */
  int ask(String request, boolean keep, CommandLine command) throws IOException {
    if (port != null && (port < 1 || port > 65_535)) {
      throw new ParameterException(command, "no such port: " + port);
    }
    String what = port == null ? "" : " at port " + port;
    String path = request.equals("off") ? "go by TCP" : "may use the SAN";
    String kept = keep ? ", and so it is when it starts again" : "";
    return target.ask(
        request + (port == null ? "" : " " + port) + (keep ? " keep" : ""),
        command,
        who -> who + ": new connections" + what + " " + path + kept);
  }
}
