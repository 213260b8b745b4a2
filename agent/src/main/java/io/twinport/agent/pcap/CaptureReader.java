package io.twinport.agent.pcap;

import io.twinport.capture.CaptureFormat;
import io.twinport.jdk.NamedSocket;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Reads what a process sends of a capture, and writes it as packets. */
public final class CaptureReader {
  /** How long a look at whether it is to end may take. */
  private static final Duration LOOK = Duration.ofMillis(50);

  /** How long the process may take to answer, and to end when it is told to. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final int LONGEST_ANSWER = 4096;

  private final NamedSocket process;
  private final CaptureFiles files;
  private final Conversations conversations = new Conversations(this::packet);
  private final ByteBuffer input = ByteBuffer.allocateDirect(1 << 20).limit(0);
  private final long mostPackets;
  private long startNanos;
  private boolean isOver;
  private String why = "";

  /**
   * @param mostPackets how many are written
   */
  public CaptureReader(NamedSocket process, CaptureFiles files, long mostPackets) {
    this.process = process;
    this.files = files;
    this.mostPackets = mostPackets;
  }

  /**
   * Reads the line that stands before everything else.
   *
   * @throws SocketTimeoutException if it does not come
   */
  public String answer() throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    StringBuilder line = new StringBuilder();
    while (true) {
      while (input.hasRemaining()) {
        byte b = input.get();
        if (b == '\n') {
          return line.toString();
        }
        if (line.length() == LONGEST_ANSWER) {
          throw new IOException(Conversations.NONSENSE);
        }
        line.append((char) (b & 0xff));
      }
      if (System.nanoTime() - deadline >= 0) {
        throw new SocketTimeoutException("does not answer");
      }
      if (!readMore()) {
        return line.toString();
      }
    }
  }

  /**
   * Writes packets until it is told to end, or the process ends it.
   *
   * @param start what times count from, in nanoseconds since 1970
   * @param seconds how long, or 0
   * @param ends whether it is to end
   * @return why the process has ended it; empty if it was told to, or does not say
   */
  public String run(long start, long seconds, BooleanSupplier ends) throws IOException {
    startNanos = start;
    long began = System.nanoTime();
    long told = 0;
    while (takeAll() && readMore()) {
      long now = System.nanoTime();
      boolean isTime = seconds > 0 && now - began >= TimeUnit.SECONDS.toNanos(seconds);
      boolean isEnough = files.packets() >= mostPackets;
      if (told == 0 && (isTime || isEnough || ends.getAsBoolean())) {
        told = now;
        process.write("stop\n", PATIENCE);
      } else if (told != 0 && now - told > PATIENCE.toNanos()) {
        break; // It is stopped, or does not listen.
      }
    }
    return told == 0 ? why : "";
  }

  /** Reads what there is, or waits for a while; false at the end of the stream. */
  private boolean readMore() throws IOException {
    input.compact();
    int n;
    try {
      n = process.read(input);
      if (n == 0) {
        flush();
        process.awaitReadable(LOOK);
        n = process.read(input);
      }
    } finally {
      input.flip();
    }
    return n >= 0;
  }

  private void flush() throws IOException {
    if (startNanos != 0) {
      files.flush();
    }
  }

  /** Takes the records that are whole; returns whether there may be more. */
  private boolean takeAll() throws IOException {
    while (!isOver && input.remaining() >= CaptureFormat.HEADER) {
      int at = input.position();
      int length = input.getInt(at + CaptureFormat.LENGTH);
      int carried = input.getInt(at + CaptureFormat.CARRIED);
      if (length < CaptureFormat.HEADER
          || length > CaptureFormat.LONGEST
          || carried != length - CaptureFormat.HEADER) {
        throw new IOException(Conversations.NONSENSE);
      }
      if (length > input.remaining()) {
        break;
      }
      take(input.slice(at, length));
      input.position(at + length);
    }
    return !isOver;
  }

  private void take(ByteBuffer record) throws IOException {
    int carried = record.remaining() - CaptureFormat.HEADER;
    switch (record.get(CaptureFormat.KIND)) {
      case CaptureFormat.STATISTICS -> {
        if (carried != CaptureFormat.COUNTS) {
          throw new IOException(Conversations.NONSENSE);
        }
        files.missing(record.getLong(CaptureFormat.HEADER + Long.BYTES));
      }
      case CaptureFormat.END -> {
        byte[] text = new byte[carried];
        record.get(CaptureFormat.HEADER, text);
        why = new String(text, StandardCharsets.UTF_8);
        isOver = true;
      }
      default -> conversations.take(record);
    }
  }

  private void packet(long nanos, TcpPacket packet, boolean outbound, String comment)
      throws IOException {
    if (files.packets() < mostPackets) {
      files.packet(startNanos + nanos, packet, outbound, comment);
    }
  }
}
