package io.twinport.agent.processes;

import io.twinport.agent.control.ControlName;
import io.twinport.agent.control.TcpTable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JVM on this machine, looked at from outside, see {@code proc(5)}. */
public final class TargetJvm {
  private final long pid;
  private final Path proc;

  /** The process of that id, as seen from here. Nothing is looked at yet. */
  public TargetJvm(long pid) {
    this.pid = pid;
    this.proc = Path.of("/proc", Long.toString(pid));
  }

  /**
   * The process that a user means.
   *
   * @param target its id as seen from here, as it itself sees it, or as {@code status} shows it
   * @throws IOException if there is none, or more than one
   */
  public static TargetJvm named(String target) throws IOException {
    return new TargetJvm(ProcessNames.pid(target));
  }

  /** Its id, as seen from here. */
  public long pid() {
    return pid;
  }

  /** The name of the user that it runs as. */
  public String owner() throws IOException {
    return Files.getOwner(proc).getName();
  }

  /**
   * Looks whether it is a JVM, and one that this user may look into.
   *
   * @throws IOException saying why not
   */
  public void check() throws IOException {
    if (!Files.isDirectory(proc)) {
      throw new IOException("no process " + pid);
    }
    if (pid == ProcessHandle.current().pid()) {
      throw new IOException("process " + pid + " is this command");
    }
    if (!read("maps").contains("/libjvm.so")) {
      throw new IOException("process " + pid + " is not a JVM");
    }
  }

  /** By what name it can be asked; empty where Twinport is not at work in it. */
  public Optional<ControlName> controlName() throws IOException {
    try {
      return ControlName.of(proc);
    } catch (NoSuchFileException | AccessDeniedException e) {
      throw explained(e);
    }
  }

  /** Whether it is in this network namespace. */
  public boolean sharesNetwork() throws IOException {
    Path here = Path.of("/proc/self/ns/net");
    return Files.readSymbolicLink(proc.resolve("ns/net")).equals(Files.readSymbolicLink(here));
  }

  /** Whether the command line or the environment it was started with bring the agent. */
  public boolean namesTheAgent() throws IOException {
    return hasAgent(read("cmdline")) || hasAgent(read("environ"));
  }

  private static boolean hasAgent(String text) {
    return Pattern.compile("-javaagent:[^\\x00 ]*twinport[^\\x00 ]*\\.jar").matcher(text).find();
  }

  /** Netty's native libraries in it, by their files' names. */
  public Set<String> nativeTransports() throws IOException {
    Matcher library =
        Pattern.compile("/(lib\\w*netty_transport_native_(?:epoll|io_uring)\\w*)")
            .matcher(read("maps"));
    Set<String> found = new TreeSet<>();
    while (library.find()) {
      found.add(library.group(1));
    }
    return found;
  }

  /** The addresses it listens on over TCP. */
  public List<InetSocketAddress> listeners() throws IOException {
    return TcpTable.listeners(proc);
  }

  private String read(String file) throws IOException {
    try {
      return Files.readString(proc.resolve(file), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException | AccessDeniedException e) {
      throw explained(e);
    }
  }

  private IOException explained(FileSystemException e) throws IOException {
    if (e instanceof NoSuchFileException) {
      return new IOException("no process " + pid + " any more", e);
    }
    String owner = owner();
    String self = System.getProperty("user.name");
    String remedy =
        self.equals("root") || self.equals(owner)
            ? ", and the system guards it from others (see ptrace(2))"
            : ": do this as " + (owner.equals("root") ? owner : owner + ", or as root");
    return new IOException(
        "process " + pid + " is not for this user to look into; it runs as " + owner + remedy, e);
  }
}
