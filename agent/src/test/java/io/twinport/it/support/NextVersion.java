package io.twinport.it.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.shm.memory.LinkLayout;
import io.twinport.ucx.connection.Handshake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/** The shipped file as it will be one day: with the next wire versions. */
public final class NextVersion {
  /** Where a number stands, as a constant in a method. */
  private record Place(String method, int number) {}

  private static final Map<String, Place> SAY_IT =
      Map.of(
          "inner/io/twinport/shm/link/LinkMessages.classdata",
          new Place("hello", LinkLayout.WIRE_VERSION),
          "inner/io/twinport/shm/rendezvous/Listeners$Greeting.classdata",
          new Place("hello", LinkLayout.WIRE_VERSION),
          "inner/io/twinport/ucx/connection/Handshake.classdata",
          new Place("spoken", Handshake.VERSION));

  private NextVersion() {}

  /** Makes it, in a folder of its own. */
  public static Path jar() throws IOException {
    Path jar = Setup.scratch("next").resolve("twinport.jar");
    int changed = 0;
    try (ZipFile now = new ZipFile(Setup.JAR.toFile());
        ZipOutputStream next = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (ZipEntry entry : Collections.list(now.entries())) {
        byte[] bytes = now.getInputStream(entry).readAllBytes();
        Place place = SAY_IT.get(entry.getName());
        if (place != null) {
          bytes = withNextNumber(bytes, place);
          changed++;
        }
        next.putNextEntry(new ZipEntry(entry.getName()));
        next.write(bytes);
        next.closeEntry();
      }
    }
    assertEquals(SAY_IT.size(), changed, "classes that know the version");
    return jar;
  }

  private static byte[] withNextNumber(byte[] classFile, Place place) {
    int[] found = new int[1];
    ClassReader reader = new ClassReader(classFile);
    ClassWriter writer = new ClassWriter(reader, 0);
    reader.accept(
        new ClassVisitor(Opcodes.ASM9, writer) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] exceptions) {
            MethodVisitor method =
                super.visitMethod(access, name, descriptor, signature, exceptions);
            return !name.equals(place.method)
                ? method
                : new MethodVisitor(Opcodes.ASM9, method) {
                  @Override
                  public void visitInsn(int opcode) {
                    if (!isNow(opcode - Opcodes.ICONST_0)) {
                      super.visitInsn(opcode);
                    }
                  }

                  @Override
                  public void visitIntInsn(int opcode, int operand) {
                    if (opcode != Opcodes.BIPUSH || !isNow(operand)) {
                      super.visitIntInsn(opcode, operand);
                    }
                  }

                  private boolean isNow(int constant) {
                    if (constant != place.number) {
                      return false;
                    }
                    found[0]++;
                    super.visitIntInsn(Opcodes.BIPUSH, place.number + 1);
                    return true;
                  }
                };
          }
        },
        0);
    assertEquals(1, found[0], "constants of the version");
    return writer.toByteArray();
  }
}
