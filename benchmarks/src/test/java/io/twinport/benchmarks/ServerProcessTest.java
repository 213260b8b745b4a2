package io.twinport.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ServerProcessTest {
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
