package io.twinport.benchmarks;

import io.twinport.benchmarks.suite.Suite;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists what there is. */
@Command(name = "list", description = "Shows the benchmarks that 'run' knows.")
final class ListCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    Suite.headings().forEach((name, heading) -> out.printf("%-12s %s%n", name, heading.title()));
    out.flush();
  }
}
