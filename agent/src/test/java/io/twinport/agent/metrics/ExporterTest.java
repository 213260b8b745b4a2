package io.twinport.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.core.Switch;
import io.twinport.jdk.Shim;
import io.twinport.registry.Registry;
import io.twinport.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where metrics go: over HTTP, whoever else asks there and how, or into a file. */
@Timeout(60)
class ExporterTest {
  private final Registry registry = Switch.of(Settings.defaults()).registry();
  private MetricsServer server;
  private Thread thread;

  @BeforeAll
  static void link() {
    assertTrue(Shim.CORE.isLinked()); // As where there has been a socket.
  }

  @BeforeEach
  void start() throws IOException {
    server =
        MetricsServer.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), registry);
    thread =
        new Thread(
            () -> {
              try {
                server.run();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    thread.start();
  }

  @AfterEach
  void end() throws InterruptedException {
    server.shutdown();
    thread.join();
  }

  private Socket open() throws IOException {
    return new Socket(server.address().getAddress(), server.address().getPort());
  }

  private String ask(String request) throws IOException {
    try (Socket socket = open()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void assertServes() throws IOException {
    String answer = ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
    assertTrue(answer.contains("\r\nContent-Type: " + OpenMetrics.TYPE + "\r\n"), answer);
    assertTrue(answer.endsWith("# EOF\n"), answer);
  }

  @Test
  void whoAsksForThemGetsThem() throws IOException {
    assertServes();
    assertTrue(ask("GET /metrics?x=y HTTP/1.0\n\n").endsWith("# EOF\n"));
    String head = ask("HEAD /metrics HTTP/1.1\r\n\r\n");
    assertTrue(head.startsWith("HTTP/1.1 200 ") && head.endsWith("\r\n\r\n"), head);
  }

  @Test
  void whoAsksForSomethingElseIsToldSo() throws IOException {
    assertTrue(ask("GET / HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 404 "));
    assertTrue(ask("POST /metrics HTTP/1.1\r\n\r\nx=y").startsWith("HTTP/1.1 405 "));
    assertTrue(ask("metrics\r\n\r\n").startsWith("HTTP/1.1 400 "));
    assertTrue(ask("\n\n").startsWith("HTTP/1.1 400 "));
    String longest = "GET /metrics HTTP/1.1\r\nX: " + "y".repeat(MetricsServer.LONGEST_REQUEST);
    String answer = ask(longest.substring(0, MetricsServer.LONGEST_REQUEST));
    assertTrue(answer.startsWith("HTTP/1.1 431 "), answer);
    assertServes();
  }

  @Test
  void whoAsksInPiecesIsServed() throws IOException {
    try (Socket socket = open()) {
      for (byte b : "GET /metrics HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1)) {
        socket.getOutputStream().write(b);
        socket.getOutputStream().flush();
      }
      assertTrue(
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .endsWith("# EOF\n"));
    }
  }

  @Test
  void manyWhoSayNothingKeepNobodyAway() throws IOException {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 3 * MetricsServer.MOST_CLIENTS; i++) {
        Socket socket = open();
        silent.add(socket);
        socket.getOutputStream().write("GET /met".getBytes(StandardCharsets.ISO_8859_1));
      }
      assertServes();
      // The oldest were dropped, and whoever still waits has a time limit.
      assertTrue(isEnded(silent.get(0)));
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  private static boolean isEnded(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (IOException e) {
      return true; // A reset, since what it had sent was not read.
    }
  }

  @Test
  void settingsAreUnderstoodOrSaidToBeWrong() throws IOException {
    assertEquals(server.address().getAddress(), Exporter.address("9464").getAddress());
    assertEquals(9464, Exporter.address("9464").getPort());
    assertEquals("0.0.0.0", Exporter.address("0.0.0.0:80").getAddress().getHostAddress());
    assertEquals("0:0:0:0:0:0:0:1", Exporter.address("[::1]:80").getAddress().getHostAddress());
    for (String wrong :
        List.of("", "x", "-1", "65536", "99999999999", ":80", "::1:80", "a:b:80", "80:", "x:y")) {
      assertThrows(IllegalArgumentException.class, () -> Exporter.address(wrong), wrong);
    }
  }

  @Test
  void aFileIsReplacedAsAWhole(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("twinport.prom");
    Files.writeString(file, "before");
    new MetricsFile(file, 1, registry).write();
    assertEquals(OpenMetrics.text(registry), Files.readString(file));
    try (Stream<Path> all = Files.list(folder)) {
      assertEquals(List.of(file), all.toList());
    }
    Path nowhere = folder.resolve("missing").resolve("twinport.prom");
    assertThrows(IOException.class, () -> new MetricsFile(nowhere, 1, registry).write());
    assertFalse(Files.exists(nowhere));
  }
}
