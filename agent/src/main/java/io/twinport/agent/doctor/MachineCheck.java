package io.twinport.agent.doctor;

import io.twinport.agent.control.ControlPeer;
import io.twinport.agent.demo.DemoJvm;
import io.twinport.agent.demo.DemoPaths;
import io.twinport.agent.echo.EchoClient;
import io.twinport.agent.echo.EchoServer;
import io.twinport.agent.start.Bootstrap;
import io.twinport.core.Switch;
import io.twinport.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether processes of this user can use the SAN on this machine, with this Java runtime. */
public final class MachineCheck {
  private static final int FIRST_MAJOR = 5;
  private static final int FIRST_MINOR = 1;
  private static final int FEW_DESCRIPTORS = 1024;

  private MachineCheck() {}

  /** Returns whether processes can be looked at as well. */
  public static boolean run(Diagnosis diagnosis) throws IOException, InterruptedException {
    system(diagnosis);
    boolean fits = runtime(diagnosis);
    if (lacksProc()) {
      diagnosis.problem(
          "/proc is not mounted", "mount it: no process can be found without it, and all use TCP");
      return false;
    }
    temporaryFolder(diagnosis);
    descriptors(diagnosis);
    if (loopback(diagnosis) && fits) {
      connection(diagnosis);
    }
    return true;
  }

  /** Whether this is a Linux that does not show its processes. */
  public static boolean lacksProc() {
    return System.getProperty("os.name").equals("Linux") && !Files.exists(Path.of("/proc/self"));
  }

  private static void system(Diagnosis diagnosis) {
    String name = System.getProperty("os.name");
    String machine = System.getProperty("os.arch");
    String kernel = System.getProperty("os.version");
    String what = name + " " + kernel + " on " + machine;
    if (!name.equals("Linux") || !List.of("amd64", "aarch64").contains(machine)) {
      diagnosis.problem(what, "only Linux on x86-64 and aarch64 is served, the rest uses TCP");
    } else if (!isRecent(kernel)) {
      diagnosis.problem(what, "needs Linux " + FIRST_MAJOR + "." + FIRST_MINOR + " or later");
    } else {
      diagnosis.ok(what);
    }
  }

  /** Whether a kernel has all that shared memory between processes needs. */
  public static boolean isRecent(String kernel) {
    Matcher version = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*").matcher(kernel);
    if (!version.matches()) {
      return true; // Who knows; the connection tells.
    }
    int major = Integer.parseInt(version.group(1));
    return major > FIRST_MAJOR
        || (major == FIRST_MAJOR && Integer.parseInt(version.group(2)) >= FIRST_MINOR);
  }

  /** Returns whether two processes that run on this can be tried. */
  private static boolean runtime(Diagnosis diagnosis) {
    String what = "java " + Runtime.version() + " of " + System.getProperty("java.home");
    if (System.getProperty("java.vm.name").contains("OpenJ9")) {
      diagnosis.problem(what, "needs a HotSpot virtual machine");
    } else if (lacks("java.instrument")) {
      diagnosis.problem(
          what + " lacks the module java.instrument", "no agent can be used with it: add it");
      return false;
    } else if (!Switch.fits()) {
      diagnosis.problem(
          what + " is not one that this version can work on", "processes on it use TCP only");
      return false;
    } else if (!ControlPeer.isKnown()) {
      diagnosis.problem(
          what + " " + ControlPeer.LACKS, "processes on it can't be asked, nor switched off");
      return false;
    } else {
      diagnosis.ok(what);
    }
    return true;
  }

  private static boolean lacks(String module) {
    return ModuleLayer.boot().findModule(module).isEmpty();
  }

  private static void temporaryFolder(Diagnosis diagnosis) throws IOException {
    String named = Settings.load().value("native-dir");
    Path folder =
        Path.of(named == null ? System.getProperty("java.io.tmpdir") : named).toAbsolutePath();
    String remedy = "set twinport.native-dir to a folder that allows writing and execution";
    if (!Files.isWritable(folder)) {
      diagnosis.problem(folder + " is not writable", remedy);
    } else if (isNoExec(folder)) {
      diagnosis.problem(folder + " is mounted noexec", remedy);
    } else {
      diagnosis.ok("native code can be unpacked in " + folder);
    }
  }

  private static boolean isNoExec(Path folder) throws IOException {
    return isNoExec(
        folder.toRealPath(),
        Files.readAllLines(Path.of("/proc/self/mounts"), StandardCharsets.ISO_8859_1));
  }

  public static boolean isNoExec(Path folder, List<String> mounts) {
    int deepest = -1;
    boolean noExec = false;
    for (String line : mounts) {
      // device folder type options …; what is mounted later lies on top.
      String[] fields = line.split(" ", 5);
      if (fields.length < 4) {
        continue;
      }
      Path mounted = Path.of(fields[1].replace("\\040", " "));
      if (folder.startsWith(mounted) && mounted.getNameCount() >= deepest) {
        deepest = mounted.getNameCount();
        noExec = List.of(fields[3].split(",", -1)).contains("noexec");
      }
    }
    return noExec;
  }

  private static void descriptors(Diagnosis diagnosis) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
      // "Max open files  1024  1048576  files": the first number counts.
      if (line.startsWith("Max open files")) {
        String limit = line.substring("Max open files".length()).trim().split(" +", 2)[0];
        if (limit.matches("\\d{1,9}") && Integer.parseInt(limit) < FEW_DESCRIPTORS) {
          diagnosis.note("a process may have only " + limit + " descriptors (ulimit -n)");
        } else {
          diagnosis.ok("a process may have " + limit + " descriptors");
        }
      }
    }
  }

  /** A network namespace begins with its loopback interface down: TCP has no way either, then. */
  private static boolean loopback(Diagnosis diagnosis) throws SocketException {
    InetAddress address = InetAddress.getLoopbackAddress();
    NetworkInterface device = NetworkInterface.getByInetAddress(address);
    boolean isUp = device != null && device.isUp();
    if (!isUp) {
      diagnosis.problem(
          "no interface that is up has the address " + address.getHostAddress(),
          "set up the loopback interface of this network namespace: ip link set lo up");
    }
    return isUp;
  }

  /** Two processes with the agent, and a look at what their connections are. */
  private static void connection(Diagnosis diagnosis) throws InterruptedException {
    Path jar = Bootstrap.jar();
    if (jar == null) {
      diagnosis.note("not run from twinport.jar: connections were not tried");
      return;
    }
    try (DemoJvm server = DemoJvm.start("server", List.of(), true, jar, EchoServer.class);
        DemoJvm client = DemoJvm.start("client", List.of(), true, jar, EchoClient.class)) {
      int port = server.port();
      client.answer();
      DemoPaths paths = DemoPaths.look(client, DemoPaths.CHANNEL, port, client);
      if (paths.isSan()) {
        diagnosis.ok("connections between two processes go over " + paths.path());
      } else {
        diagnosis.problem(
            "connections between two processes stay on TCP"
                + (paths.why().isEmpty() ? "" : ": " + paths.why()),
            "see docs/troubleshooting.md");
      }
    } catch (IOException e) {
      diagnosis.problem(
          "two processes with Twinport could not be tried: " + e.getMessage(), "see above");
    }
  }
}
