package io.twinport.contract.peer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;

/**
 * Objects on a pair of pipes. Each is written and read by itself, so that one that can't be
 * serialized spoils no other.
 */
final class ObjectPipes implements Closeable {
  private final DataInputStream input;

  // guarded by itself
  private final DataOutputStream output;

  /** An object that has come in, to be read once. */
  record Frame(long id, ByteArrayInputStream bytes) {
    Object content() throws IOException, ClassNotFoundException {
      try (ObjectInputStream objects = new ObjectInputStream(bytes)) {
        return objects.readObject();
      }
    }
  }

  ObjectPipes(InputStream input, OutputStream output) {
    this.input = new DataInputStream(input);
    this.output = new DataOutputStream(output);
  }

  void write(long id, Object content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream objects = new ObjectOutputStream(bytes)) {
      objects.writeObject(content);
    }
    synchronized (output) {
      output.writeLong(id);
      output.writeInt(bytes.size());
      bytes.writeTo(output);
      output.flush();
    }
  }

  /** Waits for the next frame; throws {@code EOFException} when there is none. */
  Frame read() throws IOException {
    long id = input.readLong();
    byte[] bytes = new byte[input.readInt()];
    input.readFully(bytes);
    return new Frame(id, new ByteArrayInputStream(bytes));
  }

  @Override
  public void close() throws IOException {
    input.close();
    output.close();
  }
}
