package io.twinport.it.apps;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * How a test talks to a program: one command a line on standard input, one answer a line on
 * standard output.
 *
 * <p>Lines are {@code ready …} once, then {@code ok …} or {@code error …} for each command, and
 * {@code event …} whenever something happens. {@code quit}, or the end of the input, ends the
 * program.
 */
final class Console {
  /** One command; gets its words, its own name first, and returns what follows {@code ok}. */
  interface Command {
    String run(String[] words) throws Exception;
  }

  private final Map<String, Command> commands = new HashMap<>(Map.of("heap", words -> heap()));
  private final PrintStream out =
      new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);

  Console on(String name, Command command) {
    commands.put(name, command);
    return this;
  }

  /** Says that the program is ready, and answers commands until it is told to end. */
  void serve(String ready) throws IOException {
    say("ready " + ready);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      if (words[0].equals("quit")) {
        say("ok");
        return;
      }
      Command command = commands.get(words[0]);
      if (command == null) {
        say("error unknown command " + words[0]);
        continue;
      }
      String answer;
      try {
        answer = "ok " + command.run(words);
      } catch (Exception e) {
        answer = "error " + e;
      }
      say(answer);
    }
  }

  /** {@code heap}: what is left of the heap after a collection. */
  private static String heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return "kib=" + (runtime.totalMemory() - runtime.freeMemory()) / 1024;
  }

  void event(String text) {
    say("event " + text);
  }

  private synchronized void say(String line) {
    // One write a line, so that the lines of two threads never mix.
    out.print(line + "\n");
    out.flush();
  }
}
