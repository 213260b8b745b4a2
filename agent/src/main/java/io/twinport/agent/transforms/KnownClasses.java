package io.twinport.agent.transforms;

import io.twinport.jdk.OwnClasses;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * What {@link Prologue} makes of the JDKs' own class files, made before: a process that starts then
 * need not load the library that reads and writes class files, which takes longer than all else
 * that a change does. A file in the jar, which {@code KnownClassesGenerator} writes, has an entry
 * for each class file that is known, by its length in bytes and a checksum, which also covers the
 * transforms that are made.
 *
 * <p>All numbers have 32 bits, the highest byte first; checksums are CRC-32. The file begins with a
 * checksum of whatever made it, which only tests read. An entry has the class file's length, the
 * checksums of the class file and of the changed one, and the length of the parts that the changed
 * one consists of, in bytes. A part is a piece of the class file, by its offset and length, and
 * behind that a number of bytes of its own, and these.
 *
 * <p>A class is being loaded meanwhile. So nothing here loads one that a JVM which has opened a jar
 * does not have already.
 */
final class KnownClasses {
  /** Where it is in the jar. */
  static final String FILE = "META-INF/twinport/known-classes";

  /** Where the entries begin. */
  static final int HEADER_BYTES = 4;

  private static volatile byte[] file; // Null until it is read.

  private KnownClasses() {}

  /**
   * Returns the changed class, or null if this very class file with just these transforms is not
   * known.
   *
   * @throws IOException if what is known can't be read
   */
  static byte[] change(byte[] classFile, List<Transform> transforms) throws IOException {
    byte[] known = file;
    if (known == null) {
      known = OwnClasses.read(FILE);
      file = known;
    }
    return change(known, classFile, transforms);
  }

  /** As {@link #change(byte[], List)}. A file that is damaged may know less, but nothing wrong. */
  static byte[] change(byte[] known, byte[] classFile, List<Transform> transforms) {
    int checksum = checksum(classFile, transforms);
    try {
      ByteBuffer entries = ByteBuffer.wrap(known).position(HEADER_BYTES);
      while (entries.hasRemaining()) {
        int ofLength = entries.getInt();
        int ofChecksum = entries.getInt();
        int changedChecksum = entries.getInt();
        int partsLength = entries.getInt();
        if (ofLength == classFile.length && ofChecksum == checksum) {
          byte[] changed = join(classFile, entries.slice().limit(partsLength));
          return checksum(changed, transforms) == changedChecksum ? changed : null;
        }
        if (partsLength < 0) {
          return null; // As below; it would go round and round.
        }
        entries.position(entries.position() + partsLength);
      }
    } catch (RuntimeException e) {
      return null; // Out of some bounds: it is damaged.
    }
    return null;
  }

  /** Puts the parts together. The generator sees to it that there is room for them. */
  private static byte[] join(byte[] classFile, ByteBuffer parts) {
    byte[] changed = new byte[2 * classFile.length + parts.limit()];
    int at = 0;
    while (parts.hasRemaining()) {
      int from = parts.getInt();
      int copied = parts.getInt();
      int own = parts.getInt();
      System.arraycopy(classFile, from, changed, at, copied);
      parts.get(changed, at + copied, own);
      at += copied + own;
    }
    return Arrays.copyOf(changed, at);
  }

  /** Of a class file, and of what makes it another one or has done so. */
  static int checksum(byte[] classFile, List<Transform> transforms) {
    CRC32 crc = new CRC32();
    crc.update(classFile, 0, classFile.length);
    for (int i = 0; i < transforms.size(); i++) {
      byte[] hook = transforms.get(i).hook().getBytes(StandardCharsets.UTF_8);
      crc.update(hook, 0, hook.length);
    }
    return (int) crc.getValue();
  }
}
