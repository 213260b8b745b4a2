package io.twinport.nio;

import java.io.IOException;
import java.io.OutputStream;
import sun.nio.ch.SanEvents;

/** What a channel sends, as a stream; as {@link ChannelInputStream}. */
final class ChannelOutputStream extends OutputStream {
  private final TwinSocketChannel channel;

  ChannelOutputStream(TwinSocketChannel channel) {
    this.channel = channel;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] b, int off, int len) throws IOException {
    long start = SanEvents.recordsStreams() ? SanEvents.beginWrite() : 0;
    channel.twin.writer.write(b, off, len);
    if (start != 0) {
      SanEvents.endWrite(start, len, channel.twin.remoteAddress());
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
