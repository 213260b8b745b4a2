package io.twinport.agent.commands;

import io.twinport.agent.control.ControlJson;
import io.twinport.agent.control.ControlName;
import io.twinport.agent.pcap.CaptureFiles;
import io.twinport.agent.pcap.CaptureReader;
import io.twinport.agent.processes.ControlClient;
import io.twinport.agent.view.Answers;
import io.twinport.capture.CaptureFilter;
import io.twinport.capture.CaptureFormat;
import io.twinport.capture.CaptureRequest;
import io.twinport.config.Subnet;
import io.twinport.jdk.NamedSocket;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the bytes of a process's SAN connections as TCP packets, for Wireshark and its like. */
@Command(
    name = "capture",
    description = {
      "Writes what a process's SAN connections carry as TCP packets, in the format pcapng.",
      "It ends with the process, or with Ctrl-C."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class CaptureCommand implements Callable<Integer> {
  private static final int LARGEST_SNAPLEN = 262_144;
  private static final int LEAST_RING_BYTES = 64 << 10;
  private static final int MOST_RING_FILES = 10_000;
  private static final long LARGEST_SIZE = 1L << 40;

  /** How long the end of this process waits until the file is complete. */
  private static final long MOST_TO_END_SECONDS = 10;

  @Spec private CommandSpec spec;

  @Mixin private Target target;

  @Parameters(
      index = "1..*",
      paramLabel = "<port>",
      description = "Only connections with such a port at either end.")
  private List<Integer> ports = List.of();

  @Option(
      names = {"-w", "--write"},
      required = true,
      paramLabel = "<file>",
      description = "The file to write; - is standard output.")
  private String file;

  @Option(names = "--overwrite", description = "Writes over files that are there.")
  private boolean overwrites;

  @Option(
      names = {"-s", "--snaplen"},
      paramLabel = "<bytes>",
      description = "Keeps the first bytes of each packet only; 0 keeps all.")
  private int snaplen;

  @Option(
      names = {"-c", "--count"},
      paramLabel = "<packets>",
      description = "Ends after so many packets.")
  private long count;

  @Option(names = "--seconds", paramLabel = "<n>", description = "Ends after so many seconds.")
  private long seconds;

  @Option(
      names = "--local-port",
      paramLabel = "<port>",
      description = "Only connections with such a port at the process's end.")
  private List<Integer> localPorts = List.of();

  @Option(
      names = "--remote-port",
      paramLabel = "<port>",
      description = "Only connections with such a port at the other end.")
  private List<Integer> remotePorts = List.of();

  @Option(
      names = "--peer",
      paramLabel = "<address[/prefix]>",
      description = "Only connections with such an address at the other end.")
  private String peer;

  @Option(
      names = "--ring-files",
      paramLabel = "<n>",
      description = "Keeps the last n files, which have a number in their names.")
  private int ringFiles;

  @Option(
      names = "--ring-bytes",
      paramLabel = "<size>",
      description = "Begins the next file at that size, such as 64m.")
  private String ringBytes;

  @Option(
      names = "--buffer-size",
      paramLabel = "<size>",
      description = {
        "How much the process keeps of what was not written yet, in its heap; 16m if that is large"
            + " enough. What finds no room is missing, and counted."
      })
  private String bufferSize;

  private volatile boolean ends;
  private volatile int status = 1;

  @Override
  public Integer call() throws IOException {
    CaptureFilter filter = filter();
    CaptureFiles files = files();
    ControlName process = target.find(spec.commandLine());
    if (process == null) {
      return 1;
    }
    CountDownLatch done = new CountDownLatch(1);
    Thread hook = new Thread(() -> interrupted(done), "capture-end");
    Runtime.getRuntime().addShutdownHook(hook);
    try (files) {
      status = capture(process, filter, files);
      return status;
    } finally {
      done.countDown();
      forget(hook);
    }
  }

  /** Ctrl-C is how a capture usually ends: in good order, once the file is complete. */
  private void interrupted(CountDownLatch done) {
    ends = true;
    try {
      if (!done.await(MOST_TO_END_SECONDS, TimeUnit.SECONDS)) {
        status = 1;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(status);
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // This process ends: the hook says how.
    }
  }

  private int capture(ControlName process, CaptureFilter filter, CaptureFiles files)
      throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    String who = "process " + process.pid();
    files.open();
    String words = new CaptureRequest(filter, destination()).words();
    String request = "capture " + CaptureFormat.VERSION + " " + words;
    try (NamedSocket socket = ControlClient.open(process, request)) {
      CaptureReader reader = new CaptureReader(socket, files, count > 0 ? count : Long.MAX_VALUE);
      Map<?, ?> answer = answer(reader);
      if (!(answer.get("startNanos") instanceof Long start)) {
        files.discard();
        err.println(who + " " + whyNot(answer));
        return 1;
      }
      files.begin(header(who, filter), start);
      err.println("capturing " + filter.describe() + " of " + who + "; Ctrl-C ends it");
      err.flush();
      String why = reader.run(start, seconds, () -> ends);
      files.close();
      if (!why.isEmpty()) {
        err.println(who + ": " + Answers.clean(why));
      }
    } catch (SocketTimeoutException e) {
      files.discard();
      err.println(who + " does not answer");
      return 1;
    }
    err.println(summary(files));
    err.flush();
    return 0;
  }

  /** What is written, as {@code status} shows it. */
  private String destination() {
    return file.equals("-") ? "standard output" : Path.of(file).toAbsolutePath().toString();
  }

  private static Map<?, ?> answer(CaptureReader reader) throws IOException {
    try {
      return ControlJson.parse(reader.answer()) instanceof Map<?, ?> map ? map : Map.of();
    } catch (IllegalArgumentException e) {
      return Map.of();
    }
  }

  private static String whyNot(Map<?, ?> answer) {
    if (!(answer.get("error") instanceof String error)) {
      return "gave no answer";
    }
    return error.startsWith("no such request")
        ? "has an older version of Twinport, which can't capture"
        : Answers.clean(error);
  }

  private CaptureFiles.Header header(String who, CaptureFilter filter) {
    String version = CaptureCommand.class.getPackage().getImplementationVersion();
    String program = "Twinport" + (version == null ? "" : " " + version);
    return new CaptureFiles.Header(
        program, "san", "SAN connections of " + who + ", " + filter.describe(), snaplen);
  }

  private static String summary(CaptureFiles files) {
    String summary =
        String.format(
            Locale.ROOT,
            "%d packets, %d bytes, %d dropped",
            files.packets(),
            files.bytes(),
            files.missing());
    return files.missing() == 0
        ? summary
        : summary + " by the process: a larger --buffer-size keeps more";
  }

  // -- What the user has given

  private CaptureFilter filter() {
    if (snaplen < 0 || snaplen > LARGEST_SNAPLEN) {
      throw wrong("--snaplen: a number from 0 to " + LARGEST_SNAPLEN + ", not " + snaplen);
    }
    snaplen = snaplen == 0 ? LARGEST_SNAPLEN : snaplen;
    if (count < 0 || seconds < 0) {
      throw wrong((count < 0 ? "--count" : "--seconds") + ": a number from 0 on");
    }
    for (List<Integer> each : List.of(ports, localPorts, remotePorts)) {
      for (int port : each) {
        if (port < 1 || port > 65_535) {
          throw wrong("no such port: " + port);
        }
      }
    }
    if (ports.size() + localPorts.size() + remotePorts.size() > CaptureFilter.MOST_PORTS) {
      throw wrong("more than " + CaptureFilter.MOST_PORTS + " ports");
    }
    Subnet peers = null;
    if (peer != null) {
      try {
        peers = Subnet.parse(peer);
      } catch (IllegalArgumentException e) {
        throw wrong("--peer: an address such as 10.0.0.1 or 10.0.0.0/8, not " + peer);
      }
    }
    long buffer = bufferSize == null ? 0 : size("--buffer-size", bufferSize, 1);
    return new CaptureFilter(ports, localPorts, remotePorts, peers, snaplen, buffer);
  }

  private CaptureFiles files() {
    if ((ringFiles == 0) != (ringBytes == null)) {
      throw wrong("--ring-files and --ring-bytes belong together");
    }
    if (file.equals("-")) {
      if (ringFiles != 0) {
        throw wrong("--ring-files: standard output is one file");
      }
      if (isTerminal()) {
        throw wrong("--write: standard output is a terminal; what is written is not text");
      }
      return CaptureFiles.standardOutput();
    }
    try {
      Path path = Path.of(file);
      if (path.getFileName() == null) {
        throw wrong("--write: no name of a file: " + file);
      }
      if (ringFiles == 0) {
        return CaptureFiles.to(path, 1, Long.MAX_VALUE, overwrites);
      }
      if (ringFiles < 2 || ringFiles > MOST_RING_FILES) {
        throw wrong("--ring-files: a number from 2 to " + MOST_RING_FILES);
      }
      long most = size("--ring-bytes", ringBytes, LEAST_RING_BYTES);
      return CaptureFiles.to(path, ringFiles, most, overwrites);
    } catch (InvalidPathException e) {
      throw wrong("--write: no name of a file: " + Answers.clean(file));
    }
  }

  private long size(String option, String value, long least) {
    String digits = value.toLowerCase(Locale.ROOT);
    int unit = digits.isEmpty() ? -1 : "kmg".indexOf(digits.charAt(digits.length() - 1));
    String number = unit < 0 ? digits : digits.substring(0, digits.length() - 1);
    if (number.matches("\\d{1,10}")) {
      long size = Long.parseLong(number) << (10 * (unit + 1));
      if (size >= least && size <= LARGEST_SIZE) {
        return size;
      }
    }
    throw wrong(option + ": a size such as 65536, 64k, 16m or 1g, at least " + least);
  }

  private static boolean isTerminal() {
    try {
      String out = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return out.startsWith("/dev/pts/") || out.startsWith("/dev/tty");
    } catch (IOException e) {
      return false; // Closed; writing to it says so.
    }
  }

  private ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }
}
