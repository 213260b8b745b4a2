package io.twinport.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.benchmarks.report.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Tag("on-one-jdk")
@Timeout(300)
class RunCommandTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path agent;

  @BeforeEach
  void pretendAgent() throws IOException {
    agent = Files.createFile(folder.resolve("agent.jar"));
  }

  private int execute(String... arguments) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out));
    commandLine.setErr(new PrintWriter(err));
    return commandLine.execute(arguments);
  }

  private void refused(String why, String... arguments) {
    assertEquals(2, execute(arguments));
    List<String> lines = err.toString().lines().toList();
    assertEquals(1, lines.size(), err.toString());
    assertTrue(lines.get(0).contains(why), lines.get(0));
  }

  private String report() {
    return "--report=" + folder.resolve("report");
  }

  @Test
  void listsWhatItKnows() {
    assertEquals(0, execute("list"));
    assertTrue(out.toString().contains("roundtrip "), out.toString());
    assertTrue(out.toString().contains("tcp-clients "), out.toString());
    assertTrue(out.toString().contains("applications "), out.toString());
  }

  @Test
  void refusesWrongName() {
    refused(
        "no benchmark 'rnudtrip', only roundtrip", "run", "rnudtrip", report(), "--agent=" + agent);
    assertFalse(Files.exists(folder.resolve("report")));
  }

  @Test
  void refusesFolderThatCannotBe() {
    refused("--report " + agent, "run", "startup", "--report=" + agent, "--agent=" + agent);
  }

  @Test
  void aReportThatCannotBeWrittenIsALine() throws IOException {
    Files.createDirectories(folder.resolve("report").resolve("processes.log"));
    assertEquals(1, execute("run", "startup", "--quick", report(), "--agent=" + agent));
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().contains("processes.log"), err.toString());
  }

  @Test
  void refusesToGuessTheFolder() {
    refused("--report", "run", "startup", "--agent=" + agent);
  }

  @Test
  void refusesNoRounds() {
    refused("--rounds is 1 or more", "run", report(), "--agent=" + agent, "--rounds=0");
  }

  @Test
  void refusesMissingAgent() {
    refused("there is no agent at", "run", report(), "--agent=" + folder.resolve("none.jar"));
  }

  /** With a jar that is no agent, so that only what needs none can be measured. */
  @Test
  void measuresAndReportsWhatFails() throws IOException {
    assertEquals(1, execute("run", "connects", "--quick", report(), "--agent=" + agent));
    Path report = folder.resolve("report");
    String values = Files.readString(report.resolve(Report.CSV));
    assertTrue(values.contains("connects,selector,1,tcp,none,calm,,rate,1/s,0,2,"), values);
    assertTrue(values.contains("connects,selector,4,tcp,one,calm,,rate,1/s,0,0,"), values);
    assertFalse(values.contains(",san,"), values);
    String page = Files.readString(report.resolve(Report.HTML));
    assertTrue(page.contains("connects, SAN, free failed: a process said"), page);
    assertTrue(out.toString().contains("The report is " + report), out.toString());
  }
}
