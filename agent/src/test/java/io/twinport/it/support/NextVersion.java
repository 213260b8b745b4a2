package io.twinport.it.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.shm.memory.LinkLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/** The shipped file as it will be one day: with the next wire version. */
public final class NextVersion {
  /** Where the number stands, as a constant in a method {@code hello}. */
  private static final List<String> SAY_IT =
      List.of(
          "inner/io/twinport/shm/link/LinkMessages.classdata",
          "inner/io/twinport/shm/rendezvous/Listeners$Greeting.classdata");

  private NextVersion() {}

  /** Makes it, in a folder of its own. */
  public static Path jar() throws IOException {
    Path jar = Setup.scratch("next").resolve("twinport.jar");
    int changed = 0;
    try (ZipFile now = new ZipFile(Setup.JAR.toFile());
        ZipOutputStream next = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (ZipEntry entry : Collections.list(now.entries())) {
        byte[] bytes = now.getInputStream(entry).readAllBytes();
        if (SAY_IT.contains(entry.getName())) {
          bytes = withNextNumber(bytes);
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

  private static byte[] withNextNumber(byte[] classFile) {
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
            return !name.equals("hello")
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
                    if (constant != LinkLayout.WIRE_VERSION) {
                      return false;
                    }
                    found[0]++;
                    super.visitIntInsn(Opcodes.BIPUSH, LinkLayout.WIRE_VERSION + 1);
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
