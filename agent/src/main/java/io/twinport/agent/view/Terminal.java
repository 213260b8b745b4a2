package io.twinport.agent.view;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The terminal that a command was started in, by way of {@code stty}: keys come one by one, and are
 * not shown. {@link #restore} gives it back as it was.
 */
public final class Terminal {
  private static final File TTY = new File("/dev/tty");
  private static final int ROWS = 24;
  private static final String ENTER = "\u001b[?1049h\u001b[?25l";
  private static final String LEAVE = "\u001b[?25h\u001b[?1049l";

  private final PrintWriter out;
  private final String before;
  private boolean restored;

  private Terminal(PrintWriter out, String before) {
    this.out = out;
    this.before = before;
  }

  /** Takes the terminal; null if standard input and output are none, or nobody can set it up. */
  public static Terminal open(PrintWriter out) throws IOException, InterruptedException {
    for (String stream : List.of("0", "1")) {
      Process test = new ProcessBuilder("test", "-t", stream).inheritIO().start();
      if (test.waitFor() != 0) {
        return null;
      }
    }
    String before = stty("-g");
    if (before == null || stty("-icanon", "-echo", "min", "1", "time", "0") == null) {
      return null;
    }
    Terminal terminal = new Terminal(out, before);
    Runtime.getRuntime().addShutdownHook(new Thread(terminal::restore, "restores the terminal"));
    out.print(ENTER);
    out.flush();
    return terminal;
  }

  /** How many lines it has. */
  public int rows() throws IOException, InterruptedException {
    String size = stty("size");
    if (size == null || !size.matches("\\d{1,5} \\d{1,5}")) {
      return ROWS;
    }
    int rows = Integer.parseInt(size.substring(0, size.indexOf(' ')));
    return rows == 0 ? ROWS : rows;
  }

  /** Shows lines in the place of what was there. */
  public void show(List<String> lines) {
    StringBuilder screen = new StringBuilder("\u001b[H");
    for (int i = 0; i < lines.size(); i++) {
      screen.append(i == 0 ? "" : "\r\n").append(lines.get(i)).append("\u001b[K");
    }
    out.print(screen.append("\u001b[J"));
    out.flush();
  }

  /** Gives it back. May be called again. */
  public synchronized void restore() {
    if (restored) {
      return;
    }
    restored = true;
    out.print(LEAVE);
    out.flush();
    try {
      stty(before);
    } catch (IOException e) {
      out.println("the terminal can't be restored: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What {@code stty} says; null if it fails. */
  private static String stty(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(words));
    Process stty =
        new ProcessBuilder(command)
            .redirectInput(TTY)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said =
        new String(stty.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1).strip();
    boolean ended = stty.waitFor(5, TimeUnit.SECONDS);
    return ended && stty.exitValue() == 0 ? said : null;
  }
}
