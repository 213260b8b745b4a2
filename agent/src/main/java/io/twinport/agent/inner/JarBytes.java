package io.twinport.agent.inner;

import io.twinport.jdk.OwnClasses;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * A jar that is read into memory as a whole, when somebody first asks, and kept. Whoever replaces
 * the agent's jar on the disk, or deletes it, does so while processes run from it: what they load
 * later must still be there, and be of one version.
 */
public final class JarBytes implements OwnClasses.Jar {
  /** The folder that most entries are in. Whoever wants the others does not wait for them. */
  static final String INNER = "inner/";

  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_BYTES = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_BYTES = 30;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  private final File file;
  private final long length;
  private final long modified;

  // -- Written before the headers are.
  private byte[] jar;
  private ByteBuffer fields;

  // -- Where each entry's header is in the directory, of most entries apart; null until read.
  private volatile Map<String, Integer> headers;
  private volatile Map<String, Integer> innerHeaders;

  /** The jar that is in {@code file} now. */
  public JarBytes(File file) {
    this.file = file;
    this.length = file.length();
    this.modified = file.lastModified();
  }

  @Override
  public boolean isChanged() {
    return file.length() != length || file.lastModified() != modified;
  }

  private Map<String, Integer> headers(boolean inner) throws IOException {
    Map<String, Integer> found = inner ? innerHeaders : headers;
    return found != null ? found : readOnce(inner);
  }

  private synchronized Map<String, Integer> readOnce(boolean inner) throws IOException {
    if (jar == null) {
      byte[] read;
      try (InputStream in = new FileInputStream(file)) { // A channel's class may be changed yet.
        read = in.readAllBytes();
      }
      if (isChanged()) {
        throw new IOException(file + " was changed");
      }
      fields = ByteBuffer.wrap(read).order(ByteOrder.LITTLE_ENDIAN);
      jar = read;
    }
    try {
      if (inner && innerHeaders == null) {
        innerHeaders = directory(true);
      } else if (!inner && headers == null) {
        headers = directory(false);
      }
    } catch (IndexOutOfBoundsException e) {
      throw broken(e);
    }
    return inner ? innerHeaders : headers;
  }

  private Map<String, Integer> directory(boolean inner) throws ZipException {
    int end = jar.length - END_BYTES;
    while (end >= 0 && fields.getInt(end) != END) {
      end--;
    }
    if (end < 0) {
      throw broken(null);
    }
    int entries = Short.toUnsignedInt(fields.getShort(end + 10));
    int header = fields.getInt(end + 16);
    Map<String, Integer> found = new HashMap<>();
    for (int i = 0; i < entries; i++) {
      if (fields.getInt(header) != CENTRAL) {
        throw broken(null);
      }
      int nameLength = Short.toUnsignedInt(fields.getShort(header + 28));
      if (nameLength > 0 && isInner(header + CENTRAL_BYTES, nameLength) == inner) {
        String name = new String(jar, header + CENTRAL_BYTES, nameLength, StandardCharsets.UTF_8);
        if (!name.endsWith("/")) {
          found.put(name, header);
        }
      }
      header +=
          CENTRAL_BYTES
              + nameLength
              + Short.toUnsignedInt(fields.getShort(header + 30))
              + Short.toUnsignedInt(fields.getShort(header + 32));
    }
    return found;
  }

  private boolean isInner(int name, int length) {
    if (length < INNER.length()) {
      return false;
    }
    for (int i = 0; i < INNER.length(); i++) {
      if (jar[name + i] != INNER.charAt(i)) {
        return false; // Nearly always at one of the first two.
      }
    }
    return true;
  }

  private static ZipException broken(Exception cause) {
    ZipException broken = new ZipException("the jar is not whole");
    broken.initCause(cause);
    return broken;
  }

  /**
   * The names of all entries but the inner ones, folders aside. Any thread.
   *
   * @throws ZipException if this is no jar, or none that is whole
   * @throws IOException if it can't be read, or is not the one any more
   */
  @Override
  public Set<String> names() throws IOException {
    return headers(false).keySet();
  }

  /** The names of the entries in {@link #INNER}; as {@link #names}. */
  Set<String> innerNames() throws IOException {
    return headers(true).keySet();
  }

  /** What is in an entry, or null if there is none of that name. Any thread. */
  @Override
  public byte[] read(String name) throws IOException {
    Integer header = headers(name.startsWith(INNER)).get(name);
    if (header == null) {
      return null;
    }
    try {
      return read(header);
    } catch (IndexOutOfBoundsException | DataFormatException e) {
      throw broken(e);
    }
  }

  private byte[] read(int header) throws IOException, DataFormatException {
    int method = Short.toUnsignedInt(fields.getShort(header + 10));
    int packed = fields.getInt(header + 20);
    byte[] bytes = new byte[fields.getInt(header + 24)];
    int local = fields.getInt(header + 42);
    if (fields.getInt(local) != LOCAL) {
      throw broken(null);
    }
    int data =
        local
            + LOCAL_BYTES
            + Short.toUnsignedInt(fields.getShort(local + 26))
            + Short.toUnsignedInt(fields.getShort(local + 28));
    if (method == STORED) {
      System.arraycopy(jar, data, bytes, 0, bytes.length);
    } else if (method == DEFLATED) {
      Inflater inflater = new Inflater(true);
      try {
        inflater.setInput(jar, data, packed);
        int length = 0;
        while (length < bytes.length) {
          int more = inflater.inflate(bytes, length, bytes.length - length);
          if (more == 0) {
            throw broken(null);
          }
          length += more;
        }
      } finally {
        inflater.end();
      }
    } else {
      throw new ZipException("an entry is packed in a way of its own");
    }
    return bytes;
  }
}
