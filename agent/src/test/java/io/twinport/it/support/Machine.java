package io.twinport.it.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Where programs run: on this machine, or on another that is emulated. */
public interface Machine {
  /** This one. */
  Machine THIS =
      new Machine() {
        @Override
        public Process start(List<String> command) throws IOException {
          return Finished.clean(new ProcessBuilder(command)).start();
        }

        @Override
        public long javaPid(Process process) throws IOException {
          return ProcFs.javaBelow(process.pid());
        }

        @Override
        public String read(String file) throws IOException {
          return Files.readString(Path.of(file));
        }

        @Override
        public Duration patience() {
          return Duration.ofSeconds(60);
        }
      };

  /** Starts a command, without what this JVM was told by the environment. */
  Process start(List<String> command) throws IOException;

  /** The id of the JVM that a process is or has started. */
  default long javaPid(Process process) throws IOException {
    return process.pid();
  }

  /** What a file of {@code /proc} or {@code /sys} holds. */
  String read(String file) throws IOException;

  /** How long something may take that happens at once on a machine that has time. */
  Duration patience();

  /** Runs a command without input to its end. */
  default Finished run(List<String> command) throws IOException, InterruptedException {
    Process process = start(command);
    process.getOutputStream().close();
    return Finished.await(process, command);
  }
}
