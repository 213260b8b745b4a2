package io.twinport.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ServerProcessTest {
  private static ServerProcess start(BlockingServer.Service service, Api api) throws IOException {
    return ServerProcess.start(BlockingServer.class, service.name(), api.name());
  }

  private static ByteBuffer read(SocketChannel channel, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      // Until all is here.
    }
    return buffer.flip();
  }

  @Test
  void greetsAndClosesFirst() throws IOException {
    try (ServerProcess server = ServerProcess.start(BenchmarkServer.Service.GREET);
        SocketChannel channel = SocketChannel.open(server.address())) {
      assertEquals(1, read(channel, 1).remaining());
      channel.write(ByteBuffer.allocate(1));
      assertEquals(0, read(channel, 1).remaining());
    }
  }

  @Test
  void echoesMoreThanItsBufferHolds() throws IOException {
    ByteBuffer message = ByteBuffer.allocate(300_000);
    for (int i = 0; i < message.capacity(); i++) {
      message.put(i, (byte) (i * 31));
    }
    try (ServerProcess server = ServerProcess.start(BenchmarkServer.Service.ECHO);
        SocketChannel channel = SocketChannel.open(server.address())) {
      channel.write(message);
      assertEquals(message.flip(), read(channel, message.capacity()));
    }
  }

  @Test
  void drainsAndCounts() throws IOException {
    try (ServerProcess server = ServerProcess.start(BenchmarkServer.Service.DRAIN);
        SocketChannel channel = SocketChannel.open(server.address())) {
      channel.write(ByteBuffer.allocate(100_000));
      channel.shutdownOutput();
      assertEquals(100_000, read(channel, Long.BYTES).getLong());
    }
  }

  @ParameterizedTest
  @EnumSource
  void blockingServerGreetsAndClosesFirst(Api api) throws IOException {
    ByteBuffer buffer = api.allocate(2);
    try (ServerProcess server = start(BlockingServer.Service.GREET, api)) {
      for (int i = 0; i < 3; i++) {
        try (Api.Connection connection = api.connect(server.address())) {
          server.verify(Transport.TCP);
          assertEquals(1, connection.read(buffer.clear()));
          connection.write(buffer.clear().limit(1));
          assertEquals(-1, connection.read(buffer.clear()));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void blockingServerEchoesOnConnectionsSideBySide(Api api) throws IOException {
    try (ServerProcess server = start(BlockingServer.Service.ECHO, api);
        Api.Connection first = api.connect(server.address());
        Api.Connection second = api.connect(server.address())) {
      ByteBuffer message = api.allocate(Long.BYTES);
      for (Api.Connection connection : List.of(first, second, first)) {
        connection.noDelay();
        long sent = connection.hashCode();
        message.putLong(0, sent);
        connection.write(message.clear());
        message.putLong(0, 0).clear();
        while (message.hasRemaining()) {
          assertTrue(connection.read(message) > 0);
        }
        assertEquals(sent, message.getLong(0));
      }
    }
  }

  @Test
  void knowsWhichPathWasTaken() throws IOException {
    try (ServerProcess server = ServerProcess.start(BenchmarkServer.Service.ECHO);
        SocketChannel channel = SocketChannel.open(server.address())) {
      assertTrue(channel.isConnected());
      server.verify(Transport.TCP);
      assertThrows(IllegalStateException.class, () -> server.verify(Transport.SAN));
    }
  }

  @Test
  void tcpRowWithoutTcpConnectionFails() throws IOException {
    try (ServerProcess server = ServerProcess.start(BenchmarkServer.Service.ECHO)) {
      assertThrows(IllegalStateException.class, () -> server.verify(Transport.TCP));
    }
  }
}
