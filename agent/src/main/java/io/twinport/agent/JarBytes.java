package io.twinport.agent;

import java.io.IOException;
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
 * A jar that was read into memory as a whole. Whoever replaces the agent's jar on the disk, or
 * deletes it, does so while processes run from it: what they load later must still be there, and be
 * of one version.
 */
final class JarBytes {
  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_BYTES = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_BYTES = 30;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  private final byte[] jar;
  private final ByteBuffer fields;

  /** Where each entry's header is in the directory. */
  private final Map<String, Integer> headers;

  /**
   * Finds the entries whose names begin with {@code root}.
   *
   * @throws ZipException if this is no jar, or none that is whole
   */
  JarBytes(byte[] jar, String root) throws ZipException {
    this.jar = jar;
    fields = ByteBuffer.wrap(jar).order(ByteOrder.LITTLE_ENDIAN);
    try {
      headers = directory(root);
    } catch (IndexOutOfBoundsException e) {
      throw broken(e);
    }
  }

  private Map<String, Integer> directory(String root) throws ZipException {
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
      String name = new String(jar, header + CENTRAL_BYTES, nameLength, StandardCharsets.UTF_8);
      if (name.startsWith(root) && !name.endsWith("/")) {
        found.put(name, header);
      }
      header +=
          CENTRAL_BYTES
              + nameLength
              + Short.toUnsignedInt(fields.getShort(header + 30))
              + Short.toUnsignedInt(fields.getShort(header + 32));
    }
    return found;
  }

  private static ZipException broken(Exception cause) {
    ZipException broken = new ZipException("the jar is not whole");
    broken.initCause(cause);
    return broken;
  }

  Set<String> names() {
    return headers.keySet();
  }

  boolean has(String name) {
    return headers.containsKey(name);
  }

  /**
   * What is in an entry, or null if there is none of that name. Any thread.
   *
   * @throws IOException if that can't be read
   */
  byte[] read(String name) throws IOException {
    Integer header = headers.get(name);
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
