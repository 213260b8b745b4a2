package io.twinport.it.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace of its own, with nothing but loopback, which also has an address that is none
 * of loopback's: nobody else's names and ports are in it.
 */
public final class NetworkNamespace implements AutoCloseable {
  /** Of TEST-NET-2 (RFC 5737). */
  private static final String HOST_ADDRESS = "198.51.100.7";

  private final Process holder;

  private NetworkNamespace(Process holder) {
    this.holder = holder;
  }

  public static NetworkNamespace open() throws IOException {
    return open(List.of("unshare", "--net"), "");
  }

  /**
   * One with a {@code /sys} of its own: libraries look there for the interfaces of the host they
   * are on, and would find those of this machine.
   */
  static NetworkNamespace openHost() throws IOException {
    return open(List.of("unshare", "--net", "--mount"), "mount -t sysfs sysfs /sys && ");
  }

  private static NetworkNamespace open(List<String> unshare, String first) throws IOException {
    Setup.needsRoot();
    List<String> command = new ArrayList<>(unshare);
    String addresses = "ip link set lo up && ip address add " + HOST_ADDRESS + "/32 dev lo";
    command.addAll(List.of("sh", "-c", first + addresses + " && echo ready && exec cat"));
    NetworkNamespace namespace = new NetworkNamespace(new ProcessBuilder(command).start());
    BufferedReader output = namespace.holder.inputReader();
    if (!"ready".equals(output.readLine())) {
      throw new IOException("unshare: " + namespace.holder.errorReader().readLine());
    }
    return namespace;
  }

  /** The command that starts another one in this namespace. */
  public String[] enter() {
    String mounts = "--mount=" + file().resolveSibling("mnt");
    return new String[] {"nsenter", "--net=" + file(), mounts, "--wd=/", "--"};
  }

  /** What stands for the namespace, for {@code setns(2)}. */
  Path file() {
    return Path.of("/proc", Long.toString(holder.pid()), "ns/net");
  }

  /** Runs a command in this namespace, which has to succeed. */
  public void run(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(enter()));
    command.addAll(List.of(words));
    Finished finished = Finished.run(command);
    assertEquals(0, finished.status(), () -> String.join(" ", words) + ": " + finished.errors());
  }

  /** A process in it, for {@link ProcFs}. */
  public long pid() {
    return holder.pid();
  }

  @Override
  public void close() throws IOException {
    // cat ends with its input.
    holder.outputWriter().close();
  }
}
