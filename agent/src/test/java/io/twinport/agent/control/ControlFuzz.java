package io.twinport.agent.control;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.agent.processes.ControlClient;
import io.twinport.config.Log;
import io.twinport.core.Switch;
import io.twinport.jdk.NamedSocket;
import io.twinport.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * What another process can ask the control endpoint, and answer in its place, as a fuzzer makes it
 * up. Without {@code JAZZER_FUZZ} the kept inputs are run. A fuzzer runs one test in a JVM, so each
 * has a class.
 */
public abstract class ControlFuzz {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int LONGEST = 1 << 20;

  private static final PrintStream ERR = System.err;
  private static final ByteArrayOutputStream SAID = new ByteArrayOutputStream();

  /** Writes any bytes, which {@link NamedSocket#write} does not do. */
  private static MethodHandle write;

  private static MethodHandle descriptor;

  private static ControlEndpoint endpoint;
  private static Thread thread;

  /** A name that this process has asked, and at which whatever is made up is answered. */
  private static NamedSocket liar;

  private static ControlName liarsName;

  @BeforeAll
  static void start() throws Exception {
    endpoint = ControlEndpoint.listen(Switch.of(Settings.defaults()).registry());
    thread = new Thread(endpoint, "endpoint under test");
    thread.start();
    liarsName = new ControlName(ProcessHandle.current().pid(), "0badf00d");
    liar = NamedSocket.listen(liarsName.name(), 8);
    MethodHandles.Lookup lookup =
        MethodHandles.privateLookupIn(NamedSocket.class, MethodHandles.lookup());
    descriptor = lookup.findGetter(NamedSocket.class, "fd", FileDescriptor.class);
    write =
        lookup.findStatic(
            Class.forName("sun.nio.ch.AbstractNames"),
            "write",
            MethodType.methodType(int.class, FileDescriptor.class, ByteBuffer.class));
    // What there is to complain of those of the tests' own process is told here.
    ControlSettings.answer("settings", new HashMap<>());
    Log.threshold(Log.Level.DEBUG);
    System.setErr(new PrintStream(SAID, true, StandardCharsets.UTF_8));
  }

  @AfterAll
  static void end() throws Exception {
    System.setErr(ERR);
    Log.threshold(Log.Level.WARN);
    endpoint.shutdown();
    thread.join();
    liar.close();
  }

  /** Asks for {@code line}; returns the answer, empty if there is none. */
  protected static String request(byte[] line) {
    try (NamedSocket client = NamedSocket.connect(endpoint.name().name())) {
      send(client, line);
      send(client, new byte[] {'\n'});
      return client.readAll(LONGEST, PATIENCE);
    } catch (IOException e) {
      return ""; // It has had enough of a request that is too long.
    }
  }

  protected static String id() {
    return endpoint.name().id();
  }

  /** What whoever asks makes of the answer {@code bytes}. */
  protected static List<Map<String, Object>> ask(byte[] bytes) throws InterruptedException {
    Thread answering = new Thread(() -> answer(bytes), "liar");
    answering.start();
    List<Map<String, Object>> answers = ControlClient.ask(List.of(liarsName), "status");
    answering.join();
    return answers;
  }

  private static void answer(byte[] bytes) {
    try (NamedSocket client = liar.accept()) {
      client.readLine(100, PATIENCE);
      send(client, bytes);
    } catch (IOException e) {
      throw new AssertionError("while lying", e);
    }
  }

  /** Nothing but requests that are too long, or never end, may fail. */
  protected static void checkWhatWasSaid() {
    String said = SAID.toString(StandardCharsets.UTF_8);
    SAID.reset();
    for (String line : said.split("\n")) {
      if (line.startsWith("twinport: ")) {
        assertTrue(line.contains(": IOException: ") || line.contains(": SocketException: "), line);
      } else {
        ERR.println(line);
      }
    }
  }

  private static void send(NamedSocket to, byte[] bytes) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    try {
      while (rest.hasRemaining()) {
        int written = (int) write.invoke((FileDescriptor) descriptor.invoke(to), rest);
        assertTrue(written > 0, "no room");
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
