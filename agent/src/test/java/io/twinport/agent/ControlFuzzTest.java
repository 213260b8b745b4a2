package io.twinport.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.twinport.config.Log;
import io.twinport.config.Settings;
import io.twinport.nio.NamedSocket;
import io.twinport.nio.TwinSelectorProvider;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * What another process can ask the control endpoint, and answer in its place, as a fuzzer makes it
 * up. Without {@code JAZZER_FUZZ} the kept inputs are run.
 */
class ControlFuzzTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int LONGEST = 1 << 20;

  private static final PrintStream ERR = System.err;
  private static final ByteArrayOutputStream SAID = new ByteArrayOutputStream();

  private static ControlEndpoint endpoint;
  private static Thread thread;

  /** A name that this process has asked, and at which whatever is made up is answered. */
  private static NamedSocket liar;

  private static ControlName liarsName;

  @BeforeAll
  static void start() throws IOException {
    endpoint = ControlEndpoint.listen(TwinSelectorProvider.of(Settings.defaults()).registry());
    thread = new Thread(endpoint, "endpoint under test");
    thread.start();
    liarsName = new ControlName(ProcessHandle.current().pid(), "0badf00d");
    liar = NamedSocket.listen(liarsName.name(), 8);
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

  @FuzzTest(maxDuration = "20s")
  void requests(byte[] input) throws Throwable {
    int line = 0;
    while (line < input.length && input[line] != '\n') {
      line++;
    }
    String answer;
    try (NamedSocket client = NamedSocket.connect(endpoint.name().name())) {
      send(client, Arrays.copyOf(input, line));
      send(client, new byte[] {'\n'});
      answer = client.readAll(LONGEST, PATIENCE);
    } catch (IOException e) {
      // It has had enough of a request that is too long.
      answer = "";
    }
    checkWhatWasSaid();
    if (answer.isEmpty()) {
      assertTrue(line > 200, "no answer");
      return;
    }
    assertTrue(ControlJson.parse(answer) instanceof Map<?, ?>, answer);
    Map<?, ?> map = (Map<?, ?>) ControlJson.parse(answer);
    assertEquals(endpoint.name().id(), map.get("id"));
    assertEquals(1, answer.lines().count(), answer);
  }

  @FuzzTest(maxDuration = "20s")
  void answers(byte[] input) throws Throwable {
    Thread answering = new Thread(() -> answer(input), "liar");
    answering.start();
    List<Map<String, Object>> answers = ControlClient.ask(List.of(liarsName), "status");
    answering.join();
    StringWriter shown = new StringWriter();
    PrintWriter out = new PrintWriter(shown);
    StatusReport.printOverview(answers, out);
    answers.forEach(answer -> StatusReport.print(answer, out));
    String json = ControlJson.write(answers);
    assertEquals(answers, ControlJson.parse(json), "what was read is written as it was");
    String text = shown.toString();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // A terminal would do what an answer tells it.
      assertTrue(c == '\n' || !Character.isISOControl(c), () -> "character " + (int) c);
    }
    checkWhatWasSaid();
  }

  private static void answer(byte[] input) {
    try (NamedSocket client = liar.accept()) {
      client.readLine(100, PATIENCE);
      send(client, input);
    } catch (Throwable e) {
      throw new AssertionError("while lying", e);
    }
  }

  /** Nothing but bytes that are no request, or none that ends, may fail. */
  private static void checkWhatWasSaid() {
    String said = SAID.toString(StandardCharsets.UTF_8);
    SAID.reset();
    for (String line : said.split("\n")) {
      if (line.startsWith("twinport: ")) {
        assertTrue(line.contains(": IOException: ") || line.contains("SocketException"), line);
      }
    }
  }

  /** Any bytes, which {@link NamedSocket#write} does not do. */
  private static void send(NamedSocket to, byte[] bytes) throws Throwable {
    MethodHandles.Lookup lookup =
        MethodHandles.privateLookupIn(NamedSocket.class, MethodHandles.lookup());
    FileDescriptor fd =
        (FileDescriptor)
            lookup.findGetter(NamedSocket.class, "fd", FileDescriptor.class).invoke(to);
    MethodHandle write =
        lookup.findStatic(
            Class.forName("sun.nio.ch.AbstractNames"),
            "write",
            MethodType.methodType(int.class, FileDescriptor.class, ByteBuffer.class));
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.hasRemaining()) {
      int written = (int) write.invoke(fd, rest);
      assertTrue(written > 0, "no room");
    }
  }
}
