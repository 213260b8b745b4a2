package io.twinport.it.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A command that ran to its end. */
public record Finished(int status, String output, String errors) {
  private static final int LIMIT_SECONDS = 60;

  public static Finished run(List<String> command) throws IOException, InterruptedException {
    return start(command).await();
  }

  public static Started start(List<String> command) throws IOException {
    ProcessBuilder builder = clean(new ProcessBuilder(command));
    builder.redirectInput(new File("/dev/null"));
    return started(builder.start(), command);
  }

  /** Waits for a command that somebody else started. */
  public static Finished await(Process process, List<String> command) throws InterruptedException {
    return started(process, command).await();
  }

  private static Started started(Process process, List<String> command) {
    return new Started(command, process, text(process, true), text(process, false));
  }

  /** Takes what this JVM was told by the environment away from its children. */
  public static ProcessBuilder clean(ProcessBuilder builder) {
    builder
        .environment()
        .keySet()
        .removeIf(
            name ->
                name.startsWith("TWINPORT_")
                    || name.equals("JAVA_TOOL_OPTIONS")
                    || name.equals("JDK_JAVA_OPTIONS")
                    || name.equals("http_proxy")
                    || name.equals("all_proxy"));
    return builder;
  }

  private static CompletableFuture<String> text(Process process, boolean output) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (var stream = output ? process.getInputStream() : process.getErrorStream()) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        // A thread each, as both streams have to be read at the same time.
        task -> new Thread(task, "reader").start());
  }

  /** A command that is running. */
  public record Started(
      List<String> command,
      Process process,
      CompletableFuture<String> output,
      CompletableFuture<String> errors) {
    public Finished await() throws InterruptedException {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(String.join(" ", command) + " hangs");
      }
      return new Finished(process.exitValue(), output.join(), errors.join());
    }
  }
}
