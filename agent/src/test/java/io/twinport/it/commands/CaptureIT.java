package io.twinport.it.commands;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Pcapng;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What {@code capture} writes of unmodified programs is what they have said to each other,
 * whichever end is captured.
 */
@Tag("on-one-jdk")
@Timeout(240)
class CaptureIT {
  private static final Path TSHARK = Path.of("/usr/bin/tshark");
  private static final int BYTES = 4 << 20;

  private Path folder;

  @BeforeEach
  void needsTheAgent() throws IOException {
    Setup.needsSan();
    folder = Setup.scratch("captures");
  }

  /** A capture under way. */
  private static final class Running implements AutoCloseable {
    final Path file;
    final Process process;
    final BufferedReader errors;

    private Running(Path file, Process process) {
      this.file = file;
      this.process = process;
      this.errors = process.errorReader(StandardCharsets.UTF_8);
    }

    static Running start(Program program, Path file, String... words) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Setup.JDK.resolve("bin/java").toString());
      command.addAll(List.of("-jar", Setup.JAR.toString(), "capture", "" + program.pid()));
      command.addAll(List.of(words));
      command.addAll(List.of("-w", file.toString()));
      Running running = new Running(file, Machine.THIS.start(command));
      String line = running.errors.readLine();
      assertTrue(line != null && line.startsWith("capturing "), line);
      return running;
    }

    /** Waits for it to end as it should, and returns what it says. */
    String await() throws Exception {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the capture ends");
      String said = String.join("\n", errors.lines().toList());
      assertEquals(0, process.exitValue(), said);
      return said;
    }

    Pcapng end() throws Exception {
      process.toHandle().destroy(); // The process itself would close its streams.
      String said = await();
      Pcapng read = Pcapng.read(file);
      assertTrue(said.startsWith(read.packets().size() + " packets, "), said);
      assertTrue(said.endsWith(", 0 dropped"), said);
      assertEquals(read.packets().size(), read.received());
      return read;
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  @Test
  void httpIsTheSameAtBothEnds() throws Exception {
    try (Program server = Jvm.of("JdkHttpServer", "127.0.0.1/0").start();
        Program client = Jvm.of("HttpGetClient").start()) {
      String url = "http://127.0.0.1:" + server.port() + "/";
      assertEquals(1, client.call("get 1 " + url).number("good")); // Has an endpoint from here on.
      String port = Integer.toString(server.port());
      try (Running atServer = Running.start(server, folder.resolve("server.pcapng"), port);
          Running atClient = Running.start(client, folder.resolve("client.pcapng"))) {
        assertTrue(SwitchStatus.of(server).isAnswered(), "while it captures");
        String shown = Jvm.command("status", Long.toString(server.pid())).output();
        String to = ": port " + port + ", to " + atServer.file.toAbsolutePath() + "; ";
        assertTrue(
            shown.lines().anyMatch(l -> l.startsWith("capture by user ") && l.contains(to)), shown);
        client.call("get 4 " + url);
        client.call("post 100000 " + url);
        Pcapng atTheServer = atServer.end();
        Map<String, byte[]> streams = atTheServer.streams();
        assertSame(streams, atClient.end().streams());
        StringBuilder all = new StringBuilder();
        streams.values().forEach(s -> all.append(new String(s, StandardCharsets.ISO_8859_1)));
        assertEquals(4, count(all, "GET / HTTP/1.1\r\n"));
        assertEquals(1, count(all, "POST / HTTP/1.1\r\n"));
        assertEquals(5, count(all, "HTTP/1.1 200 OK\r\n"));
        assertFollowed(atServer.file, atTheServer);
      }
      String after = Jvm.command("status", Long.toString(server.pid())).output();
      assertTrue(after.lines().noneMatch(line -> line.startsWith("capture ")), after);
      assertEquals(2, server.takeErrors().size(), "lines when it begins and ends");
      assertEquals(2, client.takeErrors().size(), "lines when it begins and ends");
    }
  }

  @Test
  void bytesAreTheSameAtBothEndsAndBothWays() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 1 127.0.0.1 " + server.port());
      client.call("echo 4096");
      client.call("close");
      try (Running atServer = Running.start(server, folder.resolve("server.pcapng"));
          Running atClient = Running.start(client, folder.resolve("client.pcapng"))) {
        client.call("open 1 127.0.0.1 " + server.port());
        assertEquals(0, client.call("transfer " + BYTES).number("wrong"));
        client.call("close");
        Pcapng read = atClient.end();
        Map<String, byte[]> streams = read.streams();
        assertSame(streams, atServer.end().streams());
        assertEquals(2, streams.size());
        List<byte[]> both = List.copyOf(streams.values());
        assertEquals(BYTES, both.get(0).length);
        assertArrayEquals(both.get(0), both.get(1), "what is sent comes back");
        List<Pcapng.Packet> packets = read.packets();
        assertTrue(packets.get(0).has(Pcapng.SYN) && packets.get(1).has(Pcapng.SYN));
        assertEquals(1, packets.stream().filter(p -> p.outbound() && p.has(Pcapng.FIN)).count());
        assertFollowed(atClient.file, read);
      }
      server.takeErrors();
      client.takeErrors();
    }
  }

  /** A connection that is open already begins in its middle. */
  @Test
  void bothEndsInOneProcessAreOneConnection() throws Exception {
    try (Program both = Jvm.of("BothEnds").start()) {
      both.call("open 2");
      both.call("exchange 1000");
      try (Running capture = Running.start(both, folder.resolve("both.pcapng"))) {
        assertEquals(0, both.call("exchange 100000").number("wrong"));
        both.call("close");
        both.call("open 1");
        assertEquals(0, both.call("exchange 1000").number("wrong"));
        both.call("close");
        Pcapng read = capture.end();
        long bytes = read.packets().stream().mapToLong(Pcapng.Packet::length).sum();
        assertEquals(2 * 2 * 100_000 + 2 * 1000, bytes);
        assertEquals(2, read.packets().stream().filter(p -> p.has(Pcapng.SYN)).count());
        assertEquals(6, read.packets().stream().filter(p -> p.has(Pcapng.FIN)).count());
      }
      both.takeErrors();
    }
  }

  @Test
  void itEndsWithTheProcessAndHasAllOfIt() throws Exception {
    Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
    try (Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 1 127.0.0.1 " + server.port());
      try (Running capture = Running.start(server, folder.resolve("end.pcapng"))) {
        client.call("echo 100000");
        server.takeErrors();
        server.ignoreErrors(line -> line.contains("capture"));
        server.close();
        String said = capture.await();
        assertTrue(said.startsWith("process " + server.pid() + ": "), said);
        Pcapng read = Pcapng.read(capture.file);
        assertEquals(
            200_000 - 2 * (100_000 % 8),
            read.packets().stream().mapToLong(Pcapng.Packet::length).sum());
      }
      client.call("close");
    } finally {
      server.kill();
    }
  }

  @Test
  void whatIsWrongIsOneLine() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start()) {
      String pid = Long.toString(server.pid());
      Path there = Files.writeString(folder.resolve("there"), "kept");
      assertFails(1, "exists; --overwrite", "capture", pid, "-w", there.toString());
      assertFails(1, "is a directory", "capture", pid, "-w", folder.toString());
      assertFails(1, "No space left on device", "capture", pid, "-w", "/dev/full");
      assertFails(1, "no process 0badc0de", "capture", "0badc0de", "-w", "x.pcapng");
      assertFails(1, "room for one of", "capture", pid, "-w", folder + "/big", "--buffer-size=1g");
      assertTrue(Files.notExists(folder.resolve("big")), "what was made for nothing is gone");
      assertEquals("kept", Files.readString(there));
      server.ignoreErrors(line -> line.contains("capture"));
    }
  }

  private static void assertFails(int status, String line, String... words) throws Exception {
    Finished finished = Jvm.command(words);
    assertEquals(status, finished.status(), finished::toString);
    List<String> lines = finished.errors().lines().filter(l -> !l.startsWith("capturing")).toList();
    assertEquals(1, lines.size(), finished::toString);
    assertTrue(lines.get(0).contains(line), finished::toString);
  }

  private static void assertSame(Map<String, byte[]> some, Map<String, byte[]> others) {
    assertEquals(some.keySet(), others.keySet());
    some.forEach((way, bytes) -> assertArrayEquals(bytes, others.get(way), way));
  }

  private static int count(CharSequence text, String what) {
    return text.toString().split(java.util.regex.Pattern.quote(what), -1).length - 1;
  }

  /** Whether Wireshark finds the same bytes in the first connection, if it is here. */
  private static void assertFollowed(Path file, Pcapng read) throws Exception {
    if (!Files.isExecutable(TSHARK)) {
      return;
    }
    Finished tshark =
        Machine.THIS.run(
            List.of(TSHARK.toString(), "-r", file.toString(), "-q", "-z", "follow,tcp,raw,0"));
    assertEquals(0, tshark.status(), tshark::errors);
    Pcapng.Packet first = read.packets().get(0);
    String forward = "";
    StringBuilder[] ways = {new StringBuilder(), new StringBuilder()};
    for (String line : tshark.output().lines().toList()) {
      if (line.startsWith("Node 0: ")) {
        forward = line.substring("Node 0: ".length());
      } else if (line.matches("\t?[0-9a-f]+")) {
        ways[line.startsWith("\t") ? 1 : 0].append(line.strip());
      }
    }
    boolean isForward = forward.equals(first.from());
    String there = first.from() + ">" + first.to();
    String back = first.to() + ">" + first.from();
    for (int i = 0; i < 2; i++) {
      byte[] followed = HexFormat.of().parseHex(ways[i]);
      byte[] expected = read.streams().get((i == 0) == isForward ? there : back);
      assertTrue(Arrays.equals(expected, followed), "followed as written, way " + i);
    }
  }
}
