package io.twinport.agent.transforms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The class files that a JVM hands out as it loads the JDK's classes are those that are known, and
 * then nothing is loaded that makes changes.
 */
@Timeout(240)
class KnownClassesIT {
  private static final Path JAR = Path.of(System.getProperty("twinport.jar"));
  private static final String ASM = " io.twinport.shaded.bytebuddy.";

  @TempDir private Path folder;

  /** With the classes that the JDK has in an archive, and without. */
  @ParameterizedTest
  @ValueSource(strings = {"-Xshare:auto", "-Xshare:off"})
  void nothingIsLoadedThatMakesChanges(String share) throws Exception {
    KnownClassesTest.assumeThisJdkIsKnown();
    List<String> loaded = loaded(JAR, share);
    for (List<Transform> transforms : KnownClassesGenerator.ofThisJdk()) {
      String owner = " " + transforms.get(0).owner().replace('/', '.') + " ";
      assertTrue(loaded.stream().anyMatch(line -> line.contains(owner)), owner);
    }
    assertEquals(List.of(), loaded.stream().filter(line -> line.contains(ASM)).toList());
  }

  @Test
  void whatIsNotKnownIsMade() throws Exception {
    Path copy = Files.copy(JAR, folder.resolve("copy.jar"));
    try (FileSystem entries = FileSystems.newFileSystem(copy)) {
      Path file = entries.getPath(KnownClasses.FILE);
      Files.write(file, Arrays.copyOf(Files.readAllBytes(file), KnownClasses.HEADER_BYTES));
    }
    List<String> loaded = loaded(copy, "-Xshare:auto");
    assertTrue(loaded.stream().anyMatch(line -> line.contains(ASM)));
  }

  /** What the JVM of a program that has sockets of all kinds says of the classes that it loads. */
  private List<String> loaded(Path jar, String share) throws Exception {
    Path log = folder.resolve("loaded");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("twinport.test.jdk"), "bin/java").toString(),
                "-javaagent:" + jar,
                share,
                "-Xlog:class+load:file=" + log,
                "-cp",
                Program.class.getProtectionDomain().getCodeSource().getLocation().getPath(),
                Program.class.getName())
            .redirectErrorStream(true)
            .start();
    try (InputStream in = process.getInputStream()) {
      String out = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals("io.twinport.aio.TwinAsynchronousSocketChannel\n", out, "changes are there");
    }
    assertEquals(0, process.waitFor());
    return Files.readAllLines(log);
  }

  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws Exception {
      try (ServerSocketChannel server = ServerSocketChannel.open()) {
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        try (Socket client = new Socket()) {
          client.connect(server.getLocalAddress());
          try (SocketChannel accepted = server.accept()) {
            Channels.newInputStream(accepted).close();
          }
        }
      }
      try (AsynchronousSocketChannel channel = AsynchronousSocketChannel.open()) {
        System.out.println(channel.getClass().getName());
      }
      FileChannel.open(Path.of("/dev/null")).close();
      // Which of these a JDK has needed for that is its own affair.
      Class.forName("sun.nio.ch.NioSocketImpl");
      Class.forName("sun.nio.ch.LinuxAsynchronousChannelProvider");
    }
  }
}
