package io.twinport.agent.commands;

import picocli.CommandLine.Parameters;

/** The process that a command is about, if one is named. */
final class OptionalTarget {
  @Parameters(index = "0", arity = "0..1", paramLabel = Target.LABEL, description = Target.HELP)
  private String process;

  /** As it is written on the command line; null if none is. */
  String name() {
    return process;
  }
}
