package io.twinport.it.places;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Setup;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A machine with an RDMA device: Debian's kernel, emulated, with soft-RoCE over Ethernet. It has
 * the files of this machine, so that every program is where it is here; what it writes is lost when
 * it ends. It knows nothing of how fast an RDMA device is, as each of its instructions is emulated.
 */
final class Guest implements Machine, AutoCloseable {
  private static final Path SCRIPTS = Path.of("src/test/rdma-guest").toAbsolutePath();
  private static final Duration BOOT = Duration.ofMinutes(4);
  private static final int LOOK_MILLIS = 200;

  private final String address;
  private final Process emulator;
  private final Path console;

  /** The guest's shells come in here, one at a time, each ahead of the command it is to run. */
  private final ServerSocket shells;

  private int processes;

  private Guest(String address, Process emulator, Path console, ServerSocket shells) {
    this.address = address;
    this.emulator = emulator;
    this.console = console;
    this.shells = shells;
  }

  /** Boots a guest whose RDMA device is its own network: nobody else is in it. */
  static Guest alone(String address) throws IOException, InterruptedException {
    return boot(address, "dummy0", List.of());
  }

  /**
   * Boots a guest whose RDMA device has a cable to another guest's.
   *
   * @param here a UNIX-domain name for its end of the cable
   * @param there the name of the other end, which need not be there yet
   */
  static Guest wired(String address, Path here, Path there)
      throws IOException, InterruptedException {
    // Else both would have the same address.
    String hardware = "52:54:00:00:00:" + address.replaceAll(".*\\.", "0");
    return boot(
        address,
        "eth1",
        List.of(
            "-netdev",
            "dgram,id=cable,local.type=unix,local.path="
                + here
                + ",remote.type=unix,remote.path="
                + there,
            "-device",
            "virtio-net-pci,netdev=cable,mac=" + hardware));
  }

  private static Guest boot(String address, String device, List<String> cable)
      throws IOException, InterruptedException {
    Finished kernel = Finished.run(List.of(SCRIPTS.resolve("kernel").toString()));
    Setup.needs(kernel.status() == 0, "RDMA guest: " + kernel.errors().strip());
    Path parts = Path.of(kernel.output().strip());
    ServerSocket shells = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    try {
      Path console = Setup.scratch("guest").resolve("console");
      List<String> command = new ArrayList<>();
      command.addAll(List.of("qemu-system-x86_64", "-nodefaults", "-display", "none"));
      command.addAll(List.of("-M", "q35", "-cpu", "max", "-smp", "1", "-m", "2048"));
      command.addAll(List.of("-accel", "tcg,thread=multi,tb-size=512", "-no-reboot"));
      command.addAll(List.of("-kernel", parts.resolve("vmlinux").toString()));
      command.addAll(List.of("-initrd", parts.resolve("initrd.cpio").toString()));
      // An emulated timer may be late on a busy machine; the kernel gives up if it checks.
      command.add("-append");
      command.add(
          "console=ttyS0 panic=-1 loglevel=4 no_timer_check rdma_guest=1 folder="
              + SCRIPTS
              + (" device=" + device)
              + (" address=" + address)
              + (" port=" + shells.getLocalPort()));
      command.addAll(List.of("-serial", "file:" + console));
      command.addAll(
          List.of(
              "-virtfs",
              "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"));
      // Comes first, and so is eth0.
      command.addAll(List.of("-netdev", "user,id=host,ipv6=off"));
      command.addAll(List.of("-device", "virtio-net-pci,netdev=host"));
      command.addAll(cable);
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.redirectErrorStream(true).redirectOutput(console.resolveSibling("qemu").toFile());
      Guest guest = new Guest(address, builder.start(), console, shells);
      try {
        guest.awaitBoot();
        return guest;
      } catch (IOException | RuntimeException | Error e) {
        guest.close();
        throw e;
      }
    } catch (IOException | RuntimeException | Error e) {
      shells.close();
      throw e;
    }
  }

  private void awaitBoot() throws IOException {
    assertEquals("ready\n", ask("echo ready"));
    // A device that is not there would otherwise be found out by tests that are about something
    // else.
    if (!run("rdma", "link").contains("state ACTIVE")) {
      throw failure("has no RDMA device");
    }
  }

  /** The address of its RDMA device. */
  String address() {
    return address;
  }

  /** How many packets its RDMA device has received so far. */
  long packets() throws IOException {
    return Long.parseLong(read("/sys/class/infiniband/rxe0/ports/1/hw_counters/rcvd_pkts").strip());
  }

  /** The output of a command that has to succeed. */
  String run(String... command) throws IOException {
    String marked = ask(quote(List.of(command)) + " 2>&1; echo $?");
    int end = marked.lastIndexOf('\n', marked.length() - 2) + 1;
    if (!marked.substring(end).equals("0\n")) {
      throw new IOException(String.join(" ", command) + ": " + marked);
    }
    return marked.substring(0, end);
  }

  @Override
  public Process start(List<String> command) throws IOException {
    processes++;
    return new GuestProcess(this, "/run/process" + processes, command);
  }

  @Override
  public String read(String file) throws IOException {
    return run("cat", file);
  }

  @Override
  public Duration patience() {
    return Duration.ofMinutes(4);
  }

  /** A connection whose other end is a shell's input and output, after it was told that line. */
  Socket shell(String line) throws IOException {
    Socket shell = accept();
    OutputStream output = shell.getOutputStream();
    output.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    return shell;
  }

  /** What a line makes a shell write. */
  String ask(String line) throws IOException {
    try (Socket shell = shell(line)) {
      shell.setSoTimeout((int) patience().toMillis());
      shell.shutdownOutput();
      return text(shell.getInputStream());
    }
  }

  /** Words for a shell. */
  static String quote(List<String> words) {
    return words.stream()
        .map(word -> "'" + word.replace("'", "'\\''") + "'")
        .collect(Collectors.joining(" "));
  }

  private Socket accept() throws IOException {
    long deadline = System.nanoTime() + BOOT.toNanos();
    shells.setSoTimeout(LOOK_MILLIS);
    while (true) {
      try {
        return shells.accept();
      } catch (SocketTimeoutException e) {
        if (!emulator.isAlive() || System.nanoTime() - deadline > 0) {
          throw failure(emulator.isAlive() ? "does not answer" : "has ended");
        }
      }
    }
  }

  private IOException failure(String what) throws IOException {
    return new IOException(
        "the RDMA guest "
            + what
            + "\n"
            + Files.readString(console.resolveSibling("qemu"))
            + (Files.exists(console) ? Files.readString(console) : ""));
  }

  private static String text(InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
  }

  /** Ends it as a power cut does. */
  @Override
  public void close() throws IOException {
    emulator.destroyForcibly();
    shells.close();
    try {
      if (!emulator.waitFor(patience().toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("the emulator " + emulator.pid() + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
