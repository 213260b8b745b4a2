package io.twinport.agent.transforms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.junit.jupiter.api.Test;

/**
 * Writes what {@link KnownClasses} reads: adds the class files of the JDK that runs this. No test,
 * and only run when it is asked for by its name, see {@code docs/architecture.md}.
 */
class KnownClassesGenerator {
  private static final Path FILE = Path.of("src/main/resources", KnownClasses.FILE);

  /** The bytes that a piece of the class file is found by; a part with a piece costs 12. */
  private static final int FOUND_BY = 16;

  @Test
  void addThisJdk() throws IOException {
    Map<Long, byte[]> entries = new TreeMap<>(); // In one order, whatever JDK came first.
    int maker = maker();
    if (Files.exists(FILE)) {
      byte[] before = Files.readAllBytes(FILE);
      if (ByteBuffer.wrap(before).getInt() == maker) {
        read(before, entries);
      }
    }
    for (List<Transform> transforms : ofThisJdk()) {
      add(classFile(transforms), transforms, entries);
    }
    byte[] file = write(maker, entries.values());
    for (List<Transform> transforms : ofThisJdk()) {
      byte[] classFile = classFile(transforms);
      assertArrayEquals(
          changed(classFile, transforms), KnownClasses.change(file, classFile, transforms));
    }
    Files.createDirectories(FILE.getParent());
    Files.write(FILE, file);
    System.out.println(entries.size() + " known classes, " + file.length + " bytes");
  }

  /**
   * What is to be known of this JDK: the transforms of each class. Without those of a process that
   * uses {@code java.nio} already: of what was loaded before, the JVM has no class file, and puts
   * together one that is not the JDK's.
   */
  static Collection<List<Transform>> ofThisJdk() {
    return Transform.ALL.stream()
        .filter(Transform::isNeeded)
        .collect(Collectors.groupingBy(Transform::owner, LinkedHashMap::new, Collectors.toList()))
        .values();
  }

  /** The class file that some transforms of one class change. */
  static byte[] classFile(List<Transform> transforms) throws IOException {
    String name = "/" + transforms.get(0).owner() + ".class";
    try (InputStream in = Object.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  /** The class file with all those transforms. */
  static byte[] changed(byte[] classFile, List<Transform> transforms) {
    byte[] changed = classFile;
    for (Transform transform : transforms) {
      changed = Prologue.insert(changed, transform);
    }
    return changed;
  }

  /**
   * A checksum of what all transforms make of a class that has a method for each. Entries of
   * another one are no more what would be made today.
   */
  static int maker() {
    ClassWriter writer = new ClassWriter(0);
    writer.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, "Sample", null, "java/lang/Object", null);
    CRC32 crc = new CRC32();
    for (Transform transform : Transform.ALL) {
      crc.update((transform.owner() + transform.method()).getBytes(StandardCharsets.UTF_8));
      int access = Opcodes.ACC_PUBLIC | (transform.self() == null ? Opcodes.ACC_STATIC : 0);
      String name = transform.method().split("\\|", -1)[0];
      MethodVisitor method = writer.visitMethod(access, name, transform.descriptor(), null, null);
      method.visitCode();
      method.visitInsn(Opcodes.ACONST_NULL);
      method.visitInsn(Opcodes.ATHROW);
      method.visitMaxs(1, 8);
      method.visitEnd();
    }
    writer.visitEnd();
    crc.update(changed(writer.toByteArray(), Transform.ALL));
    return (int) crc.getValue();
  }

  private static void read(byte[] file, Map<Long, byte[]> entries) {
    ByteBuffer bytes = ByteBuffer.wrap(file).position(KnownClasses.HEADER_BYTES);
    while (bytes.hasRemaining()) {
      int begin = bytes.position();
      long key = bytes.getLong();
      byte[] entry = new byte[16 + bytes.getInt(begin + 12)];
      bytes.position(begin).get(entry);
      entries.put(key, entry);
    }
  }

  private static void add(byte[] classFile, List<Transform> transforms, Map<Long, byte[]> entries)
      throws IOException {
    byte[] changed = changed(classFile, transforms);
    byte[] parts = parts(classFile, changed);
    ByteBuffer entry = ByteBuffer.allocate(16 + parts.length);
    entry.putInt(classFile.length).putInt(KnownClasses.checksum(classFile, transforms));
    entry.putInt(KnownClasses.checksum(changed, transforms)).putInt(parts.length).put(parts);
    entries.put(entry.getLong(0), entry.array());
  }

  private static byte[] write(int maker, Collection<byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(maker);
    for (byte[] entry : entries) {
      out.write(entry);
    }
    return bytes.toByteArray();
  }

  /** What {@code changed} consists of: pieces of {@code classFile}, and bytes of its own. */
  private static byte[] parts(byte[] classFile, byte[] changed) throws IOException {
    Map<ByteBuffer, Integer> offsets = new HashMap<>();
    for (int from = classFile.length - FOUND_BY; from >= 0; from--) {
      offsets.put(ByteBuffer.wrap(classFile, from, FOUND_BY), from);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    int at = 0;
    int from = 0;
    while (at < changed.length) {
      int copied = 0;
      while (from + copied < classFile.length
          && at + copied < changed.length
          && classFile[from + copied] == changed[at + copied]) {
        copied++;
      }
      int own = at + copied;
      Integer next = null;
      while (own < changed.length && next == null) {
        if (own + FOUND_BY <= changed.length) {
          next = offsets.get(ByteBuffer.wrap(changed, own, FOUND_BY));
        }
        if (next == null) {
          own++;
        }
      }
      out.writeInt(from);
      out.writeInt(copied);
      out.writeInt(own - at - copied);
      out.write(changed, at + copied, own - at - copied);
      at = own;
      from = next == null ? 0 : next;
    }
    return bytes.toByteArray();
  }
}
