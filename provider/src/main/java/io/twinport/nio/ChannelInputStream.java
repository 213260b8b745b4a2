package io.twinport.nio;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import sun.nio.ch.SanEvents;

/**
 * What a channel receives, as a stream. Takes no lock but the channel's for reading, so that
 * another thread can write meanwhile, and a virtual thread that waits here leaves its carrier.
 */
final class ChannelInputStream extends InputStream {
  private final TwinSocketChannel channel;
  private final IntSupplier timeout;

  /**
   * @param timeout how long a read waits, in milliseconds; 0 for ever
   */
  ChannelInputStream(TwinSocketChannel channel, IntSupplier timeout) {
    this.channel = channel;
    this.timeout = timeout;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) > 0 ? one[0] & 0xff : -1;
  }

  @Override
  public int read(byte[] b, int off, int len) throws IOException {
    int millis = timeout.getAsInt();
    long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
    long start = SanEvents.recordsStreams() ? SanEvents.beginRead() : 0;
    int n = channel.twin.reader.read(b, off, len, nanos);
    if (start != 0) {
      SanEvents.endRead(start, n, channel.twin.remoteAddress(), millis);
    }
    return n;
  }

  @Override
  public int available() throws IOException {
    return channel.twin.reader.available();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
