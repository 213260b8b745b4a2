package io.twinport.nio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files go into and out of channels on both paths (SPEC D5). */
@Timeout(30)
final class FileTransferTest extends SwitchFixture {
  private static final int BYTES = 700_000;

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
