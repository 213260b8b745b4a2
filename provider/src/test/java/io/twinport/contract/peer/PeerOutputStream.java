package io.twinport.contract.peer;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;

/** The output stream of a socket of the other JVM. */
final class PeerOutputStream extends OutputStream {
  private final Remote<OutputStream> remote;

  PeerOutputStream(Remote<OutputStream> remote) {
    this.remote = remote;
  }

  @Override
  public void write(int value) throws IOException {
    remote.run(stream -> stream.write(value));
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, source.length);
    byte[] bytes = Arrays.copyOfRange(source, offset, offset + length);
    remote.run(stream -> stream.write(bytes));
  }

  @Override
  public void close() throws IOException {
    remote.run(OutputStream::close);
  }
}
