package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.twinport.support.SwitchFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sun.nio.ch.SanHooks;

/** Files go into and out of channels on both paths. */
@Timeout(30)
final class FileTransferTest extends SwitchFixture {
  private static final int BYTES = 700_000;

  /** As the agent has {@code FileChannelImpl} ask. */
  @ParameterizedTest
  @ValueSource(strings = {"inproc", "none"})
  void aFileGoesThroughAConnectionThatTheJdkAsks(String providers, @TempDir Path folder)
      throws Exception {
    provider = provider(Map.of("providers", providers), san);
    byte[] content = new byte[20 * BYTES];
    new Random(8).nextBytes(content);
    Path source = Files.write(folder.resolve("source"), content);
    Path target = folder.resolve("target");
    ServerSocketChannel listener = listen();
    SocketChannel client = connect(listener);
    SocketChannel server = closing(listener.accept());
    CompletableFuture<Long> sending = CompletableFuture.supplyAsync(() -> send(source, client));
    try (FileChannel out =
        FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      long taken = SanHooks.transferFrom(out, server, 0, content.length);
      if (providers.equals("none")) {
        assertEquals(-1, taken);
        taken = out.transferFrom(server, 0, content.length);
      }
      assertEquals(content.length, taken);
    }
    assertEquals(content.length, sending.get());
    assertArrayEquals(content, Files.readAllBytes(target));
  }

  private static long send(Path source, SocketChannel client) {
    try (FileChannel in = FileChannel.open(source)) {
      long length = in.size();
      assertEquals(100, SanHooks.transferTo(in, 0, 100, client));
      return 100 + SanHooks.transferTo(in, 100, Math.toIntExact(length - 100), client);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aTransferToASanConnectionEndsWhereTheFileDoes(@TempDir Path folder) throws IOException {
    ServerSocketChannel listener = listen();
    SocketChannel client = connect(listener);
    SocketChannel server = closing(listener.accept());
    Path source = Files.write(folder.resolve("source"), new byte[200]);
    try (FileChannel in = FileChannel.open(source)) {
      assertEquals(200, SanHooks.transferTo(in, 0, 1000, client));
      client.shutdownOutput();
      assertThrows(ClosedChannelException.class, () -> SanHooks.transferTo(in, 0, 10, client));
    }
    server.configureBlocking(false);
    try (FileChannel out =
        FileChannel.open(
            folder.resolve("target"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      assertEquals(200, SanHooks.transferFrom(out, server, 0, 1000));
      assertEquals(0, SanHooks.transferFrom(out, server, 200, 1000));
      assertEquals(200, out.size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"inproc", "none"})
  void aFileGoesThroughAConnection(String providers, @TempDir Path folder) throws IOException {
    provider = provider(Map.of("providers", providers), san);
    byte[] content = new byte[BYTES];
    new Random(7).nextBytes(content);
    Path source = Files.write(folder.resolve("source"), content);
    Path target = folder.resolve("target");
    ServerSocketChannel listener = listen();
    SocketChannel client = connect(listener);
    SocketChannel server = closing(listener.accept());
    assertEquals(providers.equals("none"), isOnTcp(client));
    try (FileChannel in = FileChannel.open(source);
        FileChannel out =
            FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      long position = 0;
      while (position < BYTES) {
        long sent = in.transferTo(position, Math.min(100_000, BYTES - position), client);
        long taken = 0;
        while (taken < sent) {
          taken += out.transferFrom(server, position + taken, sent - taken);
        }
        position += sent;
      }
    }
    assertArrayEquals(content, Files.readAllBytes(target));
  }
}
