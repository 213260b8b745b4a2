package io.twinport.it.support;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What the tests were told about the machine and the build, by system properties. */
public final class Setup {
  /** The shipped file, {@code twinport.jar}. */
  public static final Path JAR =
      Path.of(System.getProperty("twinport.jar", "target/twinport.jar")).toAbsolutePath();

  /** The JDK that runs the programs, {@code twinport.test.jdk}. */
  public static final Path JDK =
      Path.of(System.getProperty("twinport.test.jdk", System.getProperty("java.home")));

  /** Whether nothing may be skipped, {@code twinport.ci}. */
  public static final boolean CI = Boolean.getBoolean("twinport.ci");

  /**
   * Whether the agent is in play; {@code twinport.it.plain=true} runs the tests over plain TCP
   * instead.
   */
  public static final boolean SAN = !Boolean.getBoolean("twinport.it.plain");

  /** MiB each way in the transfer tests, {@code twinport.it.mib}. */
  public static final int MIB = Integer.getInteger("twinport.it.mib", 1024);

  /** MiB each way between two hosts with a bad line, {@code twinport.it.far-mib}. */
  public static final int FAR_MIB = Integer.getInteger("twinport.it.far-mib", 64);

  /**
   * Which of the contract's runs are made, {@code twinport.it.contract-runs}: a regular expression
   * of their names, such as {@code "agent over san, two JVMs"}.
   */
  public static final String CONTRACT_RUNS = System.getProperty("twinport.it.contract-runs", ".*");

  /** How long connections come and go between two hosts, {@code twinport.it.soak-seconds}. */
  public static final int SOAK_SECONDS = Integer.getInteger("twinport.it.soak-seconds", 30);

  private static final Integer ROUNDS_ASKED = Integer.getInteger("twinport.it.torture-rounds");

  /** Rounds of the torture, {@code twinport.it.torture-rounds}. */
  public static final int TORTURE_ROUNDS = ROUNDS_ASKED == null ? 4 : ROUNDS_ASKED;

  /**
   * What decides the choices of the torture, {@code twinport.it.torture-seed}; the same for each
   * build that asks for nothing.
   */
  public static final long TORTURE_SEED =
      Long.getLong("twinport.it.torture-seed", ROUNDS_ASKED == null ? 1 : System.nanoTime());

  /** Connections open at once in the crowd test, {@code twinport.it.connections}. */
  public static final int CROWD = Integer.getInteger("twinport.it.connections", 5000);

  private static final Path TARGET =
      Path.of(System.getProperty("twinport.it.dir", "target/it")).toAbsolutePath();

  private Setup() {}

  /** The folder of the jars of a server that is not on this class path, such as {@code netty42}. */
  public static Path library(String name) {
    Path folder = TARGET.resolve(name);
    if (!Files.isDirectory(folder)) {
      throw new IllegalStateException(folder + " is missing: it is filled by the Maven build");
    }
    return folder;
  }

  /** A new empty folder under the build folder. */
  public static Path scratch(String prefix) throws IOException {
    return Files.createTempDirectory(Files.createDirectories(TARGET.resolve("scratch")), prefix);
  }

  /** Skips the test over plain TCP, which has nothing to show for it. */
  public static void needsSan() {
    assumeTrue(SAN, "only with the agent");
  }

  /** Skips the test where the machine lacks something; on the build server that is a failure. */
  public static void needs(boolean there, String what) {
    if (CI && !there) {
      fail("this machine has no " + what);
    }
    assumeTrue(there, "this machine has no " + what);
  }

  public static void needsRoot() throws IOException {
    needs(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "root for unshare");
  }

  /** Ports that nobody listens at, all different. */
  public static int[] freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      int[] ports = new int[count];
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0));
        ports[i] = sockets.get(i).getLocalPort();
      }
      return ports;
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  /** An IPv4 address of this machine that is not loopback, or null if it has none. */
  public static String hostAddress() throws IOException {
    for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(network.getInetAddresses())) {
        if (network.isUp() && address instanceof Inet4Address && !address.isLoopbackAddress()) {
          return address.getHostAddress();
        }
      }
    }
    return null;
  }
}
