package io.twinport.contract.peer;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;

/** The input stream of a socket of the other JVM. */
final class PeerInputStream extends InputStream {
  private final Remote<InputStream> remote;

  PeerInputStream(Remote<InputStream> remote) {
    this.remote = remote;
  }

  @Override
  public int read() throws IOException {
    return remote.call(stream -> stream.read());
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    byte[] bytes = remote.call(stream -> readAtMost(stream, length));
    if (bytes == null) {
      return -1;
    }
    System.arraycopy(bytes, 0, target, offset, bytes.length);
    return bytes.length;
  }

  /** Returns what one read brought, null at the end of the stream. */
  private static byte[] readAtMost(InputStream stream, int most) throws IOException {
    byte[] target = new byte[most];
    int n = stream.read(target);
    return n < 0 ? null : Arrays.copyOf(target, n);
  }

  @Override
  public long skip(long most) throws IOException {
    return remote.call(stream -> stream.skip(most));
  }

  @Override
  public int available() throws IOException {
    return remote.call(InputStream::available);
  }

  @Override
  public void close() throws IOException {
    remote.run(InputStream::close);
  }
}
