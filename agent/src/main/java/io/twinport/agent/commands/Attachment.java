package io.twinport.agent.commands;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import io.twinport.agent.processes.TargetJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Loads the agent into a JVM that runs. A class of its own, because the module {@code jdk.attach}
 * may be absent.
 */
final class Attachment {
  private Attachment() {}

  /**
   * Loads the agent.
   *
   * @param target a JVM, because a JVM is told to listen by a signal that ends other programs
   * @param settings the agent's arguments, or null
   * @throws IOException saying in one line why the target does not have it
   */
  static void load(TargetJvm target, Path jar, String settings) throws IOException {
    long pid = target.pid();
    if (!Files.isReadable(Path.of("/proc/" + pid + "/root" + jar))) {
      throw new IOException("process " + pid + " can't read " + jar + " where it runs");
    }
    VirtualMachine machine = attach(pid);
    try {
      machine.loadAgent(jar.toString(), settings);
    } catch (AgentLoadException e) {
      if (!String.valueOf(e.getMessage()).contains("JAR not found")) {
        throw new IOException("process " + pid + " did not load the agent: " + oneLine(e), e);
      }
      // We could read it. This user and that of the process need not be the same.
      throw new IOException(
          "process "
              + pid
              + " can't read "
              + jar
              + "; it runs as "
              + target.owner()
              + ": put it where that user may read it",
          e);
    } catch (AgentInitializationException e) {
      throw new IOException("process " + pid + " did not load the agent: " + oneLine(e), e);
    } finally {
      machine.detach();
    }
  }

  private static VirtualMachine attach(long pid) throws IOException {
    try {
      return VirtualMachine.attach(Long.toString(pid));
    } catch (AttachNotSupportedException e) {
      throw new IOException(
          "process "
              + pid
              + " can't be attached to (stopped, or attaching is disabled): "
              + oneLine(e),
          e);
    } catch (IOException e) {
      throw new IOException("process " + pid + " can't be attached to: " + oneLine(e), e);
    }
  }

  private static String oneLine(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message.lines().findFirst().orElse("");
  }
}
