package io.twinport.it.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.it.support.Eventually;
import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.Machine;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The numbers of a process reach those who collect them. */
@Tag("on-one-jdk")
@Timeout(240)
class MetricsIT {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @BeforeEach
  void needsTheAgent() {
    Setup.needsSan();
  }

  @Test
  void theCommandPrintsThem() throws Exception {
    try (Program server = Jvm.of("SelectorEchoServer", "127.0.0.1/0").start();
        Program client = Jvm.of("BlockingEchoClient").start()) {
      client.call("open 3 127.0.0.1 " + server.port());
      Finished metrics = Jvm.command("metrics", Long.toString(client.pid()));
      assertEquals(0, metrics.status(), metrics::toString);
      assertEquals("", metrics.errors());
      String text = metrics.output();
      assertTrue(text.endsWith("# EOF\n"), text);
      assertHas("twinport_san_connections_total{role=\"connected\"} 3", text);
      assertHas("twinport_open_connections{path=\"shm\",role=\"connected\"} 3", text);
      String atServer = Jvm.command("metrics", Long.toString(server.pid())).output();
      String port = "{port=\"" + server.port() + "\"} ";
      assertHas("twinport_listener_accepted_total" + port + "3", atServer);
      assertHas("twinport_accept_queue" + port + "0", atServer);
      assertTrue(
          atServer.contains("\ntwinport_accept_queue_limit" + port), "a limit in " + atServer);
      assertHas("twinport_listener_refused_total" + port + "0", atServer);
      assertHas("twinport_listener_given_up_total" + port + "0", atServer);
      client.call("close");
    }
  }

  private static void assertHas(String line, String text) {
    assertTrue(text.contains("\n" + line + "\n"), line + " is not in\n" + text);
  }

  @Test
  void ofNobodyThereAreNone() throws Exception {
    Finished metrics = Jvm.command("metrics", Long.toString(ProcessHandle.current().pid()));
    assertEquals(1, metrics.status(), metrics::toString);
    assertEquals("", metrics.output());
    assertEquals(1, metrics.errors().lines().count(), metrics::toString);
    assertEquals(2, Jvm.command("metrics").status());
  }

  @Test
  void theyAreServedOverTcpAndAreNoListenerOfTheApplications() throws Exception {
    Jvm jvm = Jvm.of("SelectorEchoServer", "127.0.0.1/0").twinport("log", "info");
    try (Program server = jvm.twinport("metrics", "0").start()) {
      String told =
          Eventually.within(
              Machine.THIS.patience(),
              () -> String.join("\n", server.errors()),
              lines -> lines.contains("/metrics"));
      String url = told.replaceAll("(?s).*(http://\\S+/metrics).*", "$1");
      HttpResponse<String> answer =
          CLIENT.send(
              HttpRequest.newBuilder(URI.create(url)).build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals(200, answer.statusCode());
      assertHas("twinport_listeners{path=\"san\"} 1", answer.body());
      SwitchStatus status = SwitchStatus.of(server);
      assertEquals(List.of(), status.listeners(URI.create(url).getPort()));
      server.takeErrors();
    }
  }

  @Test
  void theyAreWrittenToAFile(@TempDir Path folder) throws Exception {
    Jvm jvm = Jvm.of("SelectorEchoServer", "127.0.0.1/0").twinport("metrics-seconds", "1");
    try (Program server = jvm.twinport("metrics", folder + "/%p.prom").start()) {
      Path file = folder.resolve(server.pid() + ".prom");
      Eventually.within(Machine.THIS.patience(), () -> Files.exists(file), there -> there);
      Eventually.within(
          Machine.THIS.patience(),
          () -> Files.readString(file),
          text ->
              text.contains("twinport_listeners{path=\"san\"} 1\n") && text.endsWith("# EOF\n"));
    }
  }

  /** The thread that serves or writes them goes on when the heap is full, and has memory again. */
  @Test
  void theyAreThereAgainAfterTheHeapWasFull(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("twinport.prom");
    Jvm serves = Jvm.of("FullHeapServer", "127.0.0.1/0").twinport("metrics", "0");
    Jvm writes = Jvm.of("FullHeapServer", "127.0.0.1/0").twinport("metrics", file.toString());
    try (Program serving = serves.option("-Xmx48m").twinport("log", "info").start();
        Program writing = writes.option("-Xmx48m").twinport("metrics-seconds", "1").start()) {
      String told =
          Eventually.within(
              Machine.THIS.patience(),
              () -> String.join("\n", serving.errors()),
              lines -> lines.contains("/metrics"));
      String url = told.replaceAll("(?s).*(http://\\S+/metrics).*", "$1");
      Eventually.within(Machine.THIS.patience(), () -> Files.exists(file), there -> there);
      CompletableFuture<Void> asks = CompletableFuture.runAsync(() -> askWhile(serving, url));
      writing.call("fill 1500");
      asks.join();
      assertTrue(get(url).endsWith("# EOF\n"));
      FileTime then = Files.getLastModifiedTime(file);
      Eventually.within(
          Machine.THIS.patience(),
          () -> Files.getLastModifiedTime(file),
          now -> now.compareTo(then) > 0);
      assertTrue(Files.readString(file).endsWith("# EOF\n"));
      serving.takeErrors();
      // Where no memory is left for the name of a class that is being loaded, the JVM tells that.
      writing.ignoreErrors(
          line ->
              line.contains("twinport.metrics: can't write")
                  || line.contains("java.lang.instrument ASSERTION FAILED"));
    }
  }

  /** Asks again and again while the heap is full; what comes of that is not looked at. */
  private static void askWhile(Program program, String url) {
    CompletableFuture<Void> full =
        CompletableFuture.runAsync(
            () -> {
              try {
                program.call("fill 1500");
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    while (!full.isDone()) {
      CLIENT
          .sendAsync(request(url), HttpResponse.BodyHandlers.ofString())
          .handle((answer, noMemory) -> answer)
          .join();
    }
    full.join();
  }

  private static String get(String url) throws IOException, InterruptedException {
    return CLIENT.send(request(url), HttpResponse.BodyHandlers.ofString()).body();
  }

  private static HttpRequest request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build();
  }

  @Test
  void whatIsWrongIsOneLine() throws Exception {
    for (String wrong : List.of("what?", "/no/such/folder/x.prom", "127.0.0.1:99999")) {
      Jvm jvm = Jvm.of("SelectorEchoServer", "127.0.0.1/0").twinport("metrics", wrong);
      try (Program server = jvm.start()) {
        String told = server.takeError();
        assertTrue(told.contains("twinport.metrics"), told);
      }
    }
  }
}
