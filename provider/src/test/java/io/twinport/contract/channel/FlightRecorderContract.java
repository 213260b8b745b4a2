package io.twinport.contract.channel;

import static io.twinport.contract.support.Eventually.awaitTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.contract.support.Background;
import io.twinport.contract.support.ContractTest;
import io.twinport.contract.support.Outcome;
import io.twinport.contract.support.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;

/** What the JDK's flight recorder says of a connection: its own events for reads and writes. */
public abstract class FlightRecorderContract extends ContractTest {
  private static final String READ = "jdk.SocketRead";
  private static final String WRITE = "jdk.SocketWrite";

  /** The first JDK that records what goes through the streams of a channel's socket. */
  private static final boolean RECORDS_STREAMS = Runtime.version().feature() >= 22;

  protected FlightRecorderContract(Transport transport) {
    super(transport);
  }

  /** Returns the socket events of this thread during the action, as text, in order. */
  private static List<String> record(Outcome.Action action) throws Exception {
    List<String> described = new ArrayList<>();
    for (RecordedEvent event : recordEvents(Duration.ZERO, action)) {
      described.add(
          event.getEventType().getName().equals(READ)
              ? "read %d%s timeout %d"
                  .formatted(
                      event.getLong("bytesRead"),
                      event.getBoolean("endOfStream") ? " end" : "",
                      event.getDuration("timeout").toMillis())
              : "write " + event.getLong("bytesWritten"));
    }
    return described;
  }

  private static List<RecordedEvent> recordEvents(Duration threshold, Outcome.Action action)
      throws Exception {
    Path file = Files.createTempFile("contract", ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable(READ).withThreshold(threshold).withStackTrace();
      recording.enable(WRITE).withThreshold(threshold).withStackTrace();
      recording.start();
      action.run();
      recording.stop();
      recording.dump(file);
      List<RecordedEvent> own = new ArrayList<>();
      for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
        if (event.getThread().getJavaThreadId() == Thread.currentThread().getId()) {
          own.add(event);
        }
      }
      own.sort((a, b) -> a.getStartTime().compareTo(b.getStartTime()));
      return own;
    } finally {
      Files.delete(file);
    }
  }

  private static int read(SocketChannel channel, int length) throws IOException {
    return channel.read(ByteBuffer.allocateDirect(length));
  }

  @Test
  void eachReadAndWriteIsRecordedOnce() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.far(), "four");
    awaitTrue("arrival", () -> pair.near().socket().getInputStream().available() == 4);
    List<String> events =
        record(
            () -> {
              read(pair.near(), 3);
              read(pair.near(), 3);
              pair.near().write(bytes("answer"));
            });
    assertEquals(List.of("read 3 timeout 0", "read 1 timeout 0", "write 6"), events);
  }

  @Test
  void scatteringAndGatheringAreRecordedAsOneCallEach() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.far(), "abcdef");
    awaitTrue("arrival", () -> pair.near().socket().getInputStream().available() == 6);
    List<String> events =
        record(
            () -> {
              pair.near().read(new ByteBuffer[] {ByteBuffer.allocate(2), ByteBuffer.allocate(9)});
              pair.near().write(new ByteBuffer[] {bytes("gath"), bytes("ered")});
            });
    assertEquals(List.of("read 6 timeout 0", "write 8"), events);
  }

  @Test
  void theEndOfTheStreamIsRecorded() throws Exception {
    Pair pair = connectedPair();
    pair.far().shutdownOutput();
    assertEquals(
        List.of("read 0 end timeout 0"), record(() -> assertEquals(-1, read(pair.near(), 8))));
  }

  @Test
  void aReadThatFindsNothingIsRecorded() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    assertEquals(List.of("read 0 timeout 0"), record(() -> assertEquals(0, read(pair.near(), 8))));
  }

  @Test
  void aRecordingThatBeginsLateHasTheCallsThatAreCompiledByThen() throws Exception {
    Pair pair = connectedPair();
    pair.near().configureBlocking(false);
    ByteBuffer buffer = ByteBuffer.allocateDirect(8);
    for (int i = 0; i < 60_000; i++) {
      assertEquals(0, pair.near().read(buffer));
    }
    List<String> events = record(() -> assertEquals(0, pair.near().read(buffer)));
    assertEquals(List.of("read 0 timeout 0"), events);
  }

  @Test
  void aFailedReadIsRecordedWhereTheJdkRecordsIt() throws Exception {
    Pair pair = connectedPair();
    pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.far().close();
    List<String> events = record(() -> assertThrows(IOException.class, () -> read(pair.near(), 8)));
    assertEquals(RECORDS_STREAMS ? List.of() : List.of("read 0 timeout 0"), events);
  }

  @Test
  void aRecordedReadNamesThePeerAndTheCaller() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.far(), "x");
    List<RecordedEvent> events = recordEvents(Duration.ZERO, () -> read(pair.near(), 8));
    assertEquals(1, events.size());
    RecordedEvent event = events.get(0);
    InetSocketAddress remote = (InetSocketAddress) pair.near().getRemoteAddress();
    assertEquals(remote.getPort(), event.getInt("port"));
    assertEquals(remote.getAddress().getHostAddress(), event.getString("address"));
    // Which frames there are on top of the caller's differs between the JDKs, too.
    assertTrue(
        event.getStackTrace().getFrames().stream()
            .map(frame -> frame.getMethod().getType().getName())
            .anyMatch(FlightRecorderContract.class.getName()::equals),
        () -> "stack " + event.getStackTrace());
  }

  @Test
  void theDurationIsThatOfTheWait() throws Exception {
    Pair pair = connectedPair();
    List<RecordedEvent> events =
        recordEvents(
            Duration.ofMillis(20),
            () -> {
              Background<Void> later =
                  spawn(
                      () -> {
                        TimeUnit.MILLISECONDS.sleep(300);
                        writeFully(pair.far(), "late");
                        return null;
                      });
              assertEquals(4, read(pair.near(), 8));
              later.join();
            });
    assertEquals(1, events.size());
    long millis = events.get(0).getDuration().toMillis();
    assertTrue(millis >= 50 && millis < 15_000, millis + " ms");
  }

  @Test
  void callsBelowTheThresholdAreNotRecorded() throws Exception {
    Pair pair = connectedPair();
    assertEquals(
        List.of(),
        recordEvents(Duration.ofMinutes(10), () -> assertEquals(1, pair.near().write(bytes("x")))));
  }

  @Test
  void theSocketsStreamsAreRecordedWithTheirTimeout() throws Exception {
    Pair pair = connectedPair();
    pair.near().socket().setSoTimeout(10_000);
    writeFully(pair.far(), "four");
    List<String> events =
        record(
            () -> {
              assertEquals(4, pair.near().socket().getInputStream().read(new byte[8]));
              pair.near().socket().getOutputStream().write(new byte[5]);
            });
    assertEquals(RECORDS_STREAMS ? List.of("read 4 timeout 10000", "write 5") : List.of(), events);
  }

  @Test
  void aSocketsReadThatTimesOutIsNotRecorded() throws Exception {
    Pair pair = connectedPair();
    pair.near().socket().setSoTimeout(50);
    InputStream in = pair.near().socket().getInputStream();
    assertEquals(List.of(), record(() -> assertThrows(SocketTimeoutException.class, in::read)));
  }

  @Test
  void theChannelsStreamsAreRecordedOnce() throws Exception {
    Pair pair = connectedPair();
    writeFully(pair.far(), "four");
    List<String> events =
        record(
            () -> {
              assertEquals(4, Channels.newInputStream(pair.near()).read(new byte[8]));
              Channels.newOutputStream(pair.near()).write(new byte[5]);
            });
    assertEquals(List.of("read 4 timeout 0", "write 5"), events);
  }
}
