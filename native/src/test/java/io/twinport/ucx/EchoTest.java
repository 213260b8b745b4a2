package io.twinport.ucx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.contract.SwitchTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection from end to end. */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class EchoTest {
  private static final SwitchTransport TRANSPORT = UcxOverTcp.transport();

  @Test
  void bytesGoThereAndBack() throws IOException {
    try (ServerSocketChannel listener = TRANSPORT.provider().openServerSocketChannel()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      for (int round = 0; round < 10; round++) {
        try (SocketChannel client = TRANSPORT.provider().openSocketChannel()) {
          client.connect(listener.getLocalAddress());
          try (SocketChannel server = listener.accept()) {
            assertEquals(client.getLocalAddress(), server.getRemoteAddress());
            assertEquals(client.getRemoteAddress(), server.getLocalAddress());
            client.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            ByteBuffer got = ByteBuffer.allocate(16);
            while (got.position() < 3) {
              server.read(got);
            }
            server.write(got.flip());
            ByteBuffer back = ByteBuffer.allocate(16);
            while (back.position() < 3) {
              client.read(back);
            }
            assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), back.flip());
            server.shutdownOutput();
            assertEquals(-1, client.read(ByteBuffer.allocate(1)));
          }
        }
      }
    }
  }
}
