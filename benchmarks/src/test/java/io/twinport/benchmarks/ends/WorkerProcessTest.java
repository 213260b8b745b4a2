package io.twinport.benchmarks.ends;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class WorkerProcessTest {
  private static WorkerProcess worker;

  @BeforeAll
  static void start() throws IOException {
    worker = WorkerProcess.startAlike(List.of());
  }

  @AfterAll
  static void end() {
    worker.close();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MEMORY")
  void greetsAndClosesFirst(Api api) throws IOException {
    Greeting greeting = new Greeting(api, worker.serve(Service.GREET, api, Transport.TCP));
    for (int i = 0; i < 3; i++) {
      assertNotNull(greeting.connect());
      greeting.leave();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CHANNEL, TCP",
    "SELECTOR, TCP",
    "SOCKET, TCP",
    "ASYNC, TCP",
    "CHANNEL, UNIX",
    "MEMORY, RING"
  })
  void echoesMessagesOfAllSizes(Api api, Transport transport) throws IOException {
    for (int size : new int[] {1, 64, 300_000, 1 << 20}) {
      String address = worker.serve(Service.ECHO, api, transport);
      try (Exchange exchange = new Exchange(api, address, size)) {
        // More of the short ones: their sequence number is a byte.
        for (int i = 0; i < (size == 1 ? 300 : 10); i++) {
          exchange.roundTrip();
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"CHANNEL, TCP", "SELECTOR, TCP", "CHANNEL, UNIX", "MEMORY, RING"})
  void drainsAndCounts(Api api, Transport transport) throws IOException {
    String address = worker.serve(Service.DRAIN, api, transport);
    try (Stream stream = new Stream(api, address, 100_000)) {
      for (int i = 0; i < 100; i++) {
        stream.write();
      }
      stream.finish();
    }
  }

  @Test
  void sendsFiles() throws IOException {
    String address = worker.serve(Service.FILE, Api.CHANNEL, Transport.TCP);
    try (Download download = new Download(address)) {
      download.receive();
    }
  }

  @Test
  void servesConnectionsSideBySide() throws IOException {
    String address = worker.serve(Service.ECHO, Api.SELECTOR, Transport.TCP);
    Crowd crowd = new Crowd(Api.CHANNEL, address, 64);
    crowd.grow(20);
    crowd.roundTrips(20);
    crowd.roundTrips(3);
  }

  @Test
  void knowsWhichPathWasTaken() throws IOException {
    String address = worker.serve(Service.ECHO, Api.CHANNEL, Transport.TCP);
    assertThrows(IllegalStateException.class, () -> WorkerProcess.verify(address, Transport.TCP));
    try (Exchange exchange = new Exchange(Api.CHANNEL, address, 1)) {
      assertNotNull(exchange);
      WorkerProcess.verify(address, Transport.TCP);
      assertThrows(IllegalStateException.class, () -> WorkerProcess.verify(address, Transport.SAN));
    }
  }

  @Test
  void saysWhatWentWrong() {
    IOException e =
        assertThrows(IOException.class, () -> worker.ask(new Message("juggle").with("balls", 3)));
    assertTrue(e.getMessage().contains("no such request"), e.getMessage());
    assertTrue(e.getMessage().contains("juggle balls=3"), e.getMessage());
  }

  @Test
  void oneThatHangsIsEndedAndSaidSo() throws IOException {
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        WorkerProcess hangs = WorkerProcess.startAlike(List.of())) {
      // Connects, says its first message, and waits for the answer.
      Message request =
          new Message("open")
              .with("api", Api.CHANNEL)
              .with("address", deaf.getLocalPort())
              .with("size", 64)
              .with("count", 1);
      IOException e =
          assertThrows(IOException.class, () -> hangs.ask(request, Duration.ofSeconds(2)));
      assertTrue(e.getMessage().contains("no answer within PT2S at 'open "), e.getMessage());
    }
  }

  @Test
  void messagesSurviveTheWire() {
    Message message = new Message("a").with("path", "/with space/and=more").with("n", 7);
    Message parsed = Message.parse(message.toString());
    assertEquals("/with space/and=more", parsed.text("path"));
    assertEquals(7, parsed.number("n"));
    assertThrows(IllegalArgumentException.class, () -> parsed.text("other"));
  }

  @Test
  void ringEndsAfterItsLastByte() throws IOException {
    String path = Address.free(Transport.RING);
    try (Ring server = Ring.create(Path.of(path));
        Ring client = Ring.open(Path.of(path))) {
      client.write(ByteBuffer.allocate(3));
      client.finish();
      assertEquals(3, server.read(ByteBuffer.allocate(10)));
      assertEquals(-1, server.read(ByteBuffer.allocate(10)));
    }
  }
}
