package io.twinport.it.apps;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Both ends of an echo, each with a flight recorder. */
public final class RecordedEcho {
  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final int TIMEOUT_MILLIS = 30_000;

  private final ServerSocketChannel listener;
  private Recording recording;

  private RecordedEcho(ServerSocketChannel listener) {
    this.listener = listener;
  }

  /** Runs a server and a client that nobody has to use both of. */
  public static void main(String[] arguments) throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open().bind(ANY)) {
      RecordedEcho program = new RecordedEcho(listener);
      new Thread(program::serve, "echo").start();
      new Console()
          .on("record", program::record)
          .on("channel", program::channel)
          .on("socket", program::socket)
          .on("events", program::events)
          .on("paths", program::paths)
          .serve("ports=" + ((InetSocketAddress) listener.getLocalAddress()).getPort());
    }
  }

  private void serve() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1024);
    try {
      while (true) {
        try (SocketChannel channel = listener.accept()) {
          while (channel.read(buffer.clear()) >= 0) {
            channel.write(new ByteBuffer[] {buffer.flip()});
          }
        }
      }
    } catch (AsynchronousCloseException e) {
      // The program is ending.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String record(String... words) {
    recording = new Recording();
    for (String event : List.of("jdk.SocketRead", "jdk.SocketWrite")) {
      recording.enable(event).withThreshold(Duration.ZERO).withStackTrace();
    }
    recording.start();
    return "";
  }

  /** {@code channel PORT}: an echo through a channel. */
  private String channel(String... words) throws IOException {
    try (SocketChannel channel = SocketChannel.open(remote(words[1]))) {
      channel.write(ByteBuffer.allocate(10));
      ByteBuffer[] parts = {ByteBuffer.allocate(7), ByteBuffer.allocate(7)};
      long read = channel.read(parts);
      channel.shutdownOutput();
      return "read=" + read + " end=" + channel.read(ByteBuffer.allocate(1));
    }
  }

  /** {@code socket PORT}: an echo through a socket. */
  private String socket(String... words) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(remote(words[1]), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(new byte[20]);
      int read = socket.getInputStream().read(new byte[64]);
      socket.shutdownOutput();
      return "read=" + read + " end=" + socket.getInputStream().read(new byte[1]);
    }
  }

  private static InetSocketAddress remote(String port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
  }

  /** {@code events}: what was recorded, thread by thread, in order. */
  private String events(String... words) throws IOException {
    Path file = Files.createTempFile("events", ".jfr");
    try {
      recording.stop();
      recording.dump(file);
      List<RecordedEvent> all = new ArrayList<>(RecordingFile.readAllEvents(file));
      all.sort(Comparator.comparing(RecordedEvent::getStartTime));
      StringBuilder text = new StringBuilder();
      for (String thread : List.of("main", "echo")) {
        for (RecordedEvent event : all) {
          if (event.getEventType().getName().startsWith("jdk.Socket")
              && thread.equals(event.getThread().getJavaName())) {
            text.append(' ').append(thread).append(':').append(describe(event));
          }
        }
      }
      return text.substring(Math.min(1, text.length()));
    } finally {
      Files.delete(file);
    }
  }

  /** {@code paths}: Twinport's own events so far, and the paths and reasons in them. */
  private String paths(String... words) throws IOException {
    Path file = Files.createTempFile("events", ".jfr");
    try {
      recording.dump(file);
      List<RecordedEvent> all = new ArrayList<>(RecordingFile.readAllEvents(file));
      all.sort(Comparator.comparing(RecordedEvent::getStartTime));
      StringBuilder text = new StringBuilder();
      for (RecordedEvent event : all) {
        String name = event.getEventType().getName();
        if (name.startsWith("twinport.")) {
          text.append(name.substring("twinport.".length()));
          for (String field : List.of("path", "side", "reason")) {
            if (event.hasField(field) && event.getString(field) != null) {
              text.append(':').append(event.getString(field));
            }
          }
          text.append(' ');
        }
      }
      return text.toString();
    } finally {
      Files.delete(file);
    }
  }

  private static String describe(RecordedEvent event) {
    boolean read = event.getEventType().getName().equals("jdk.SocketRead");
    String what =
        read
            ? "read:%d:%b:%d"
                .formatted(
                    event.getLong("bytesRead"),
                    event.getBoolean("endOfStream"),
                    event.getDuration("timeout").toMillis())
            : "write:" + event.getLong("bytesWritten");
    boolean seen =
        event.getStackTrace().getFrames().stream()
            .anyMatch(
                frame ->
                    frame.getMethod().getType().getName().equals(RecordedEcho.class.getName()));
    return what
        + ":"
        + event.getString("host")
        + ":"
        + event.getString("address")
        + (event.getInt("port") > 0 ? ":port" : "")
        + (seen ? ":stack" : "");
  }
}
