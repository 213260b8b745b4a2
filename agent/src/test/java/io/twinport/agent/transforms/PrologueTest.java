package io.twinport.agent.transforms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of transforms fits the JDK that runs this. */
class PrologueTest {
  static List<Transform> table() {
    return Transform.ALL;
  }

  @ParameterizedTest
  @MethodSource("table")
  void theMethodAsksItsHookBeforeAnythingElse(Transform transform) throws IOException {
    byte[] original = classFile(transform.owner());
    byte[] changed = Prologue.insert(original, transform);
    List<String> calls = calls(changed, transform);
    String result = transform.descriptor().substring(transform.descriptor().indexOf(')'));
    assertTrue(calls.get(0).startsWith("sun/nio/ch/SanHooks." + transform.hook() + "("));
    assertTrue(calls.get(0).endsWith(result.replace('V', 'Z')), calls.get(0));
    assertEquals(calls(original, transform), calls.subList(1, calls.size()), "its own code");
  }

  /** That of JDK 200, and one that a preview has written. */
  @ParameterizedTest
  @MethodSource("table")
  void aVersionThatNobodyKnowsIsChangedAndKept(Transform transform) throws IOException {
    byte[] original = classFile(transform.owner());
    byte[] later = original.clone();
    later[4] = (byte) 0xFF;
    later[5] = (byte) 0xFF;
    later[6] = 0;
    later[7] = (byte) 244;
    assertThrows(IllegalArgumentException.class, () -> new ClassReader(later));
    byte[] changed = Prologue.insert(later, transform);
    assertArrayEquals(Arrays.copyOf(later, 8), Arrays.copyOf(changed, 8));
    byte[] expected = Prologue.insert(original, transform);
    assertArrayEquals(
        Arrays.copyOfRange(expected, 8, expected.length),
        Arrays.copyOfRange(changed, 8, changed.length));
  }

  @Test
  void aClassWithoutTheMethodIsNotChanged() throws IOException {
    Transform wrong =
        new Transform(
            "wrong", "java/net/Socket", "absent", "()V", "socketImpl", null, Transform.Use.ALWAYS);
    byte[] original = classFile(wrong.owner());
    assertThrows(IllegalArgumentException.class, () -> Prologue.insert(original, wrong));
  }

  @Test
  void aMethodThatIsNoLongerStaticIsNotChanged() throws IOException {
    Transform wrong =
        new Transform(
            "wrong", "java/net/Socket", "close", "()V", "socketImpl", null, Transform.Use.ALWAYS);
    byte[] original = classFile(wrong.owner());
    assertThrows(IllegalArgumentException.class, () -> Prologue.insert(original, wrong));
  }

  private static byte[] classFile(String owner) throws IOException {
    try (InputStream in = Object.class.getResourceAsStream("/" + owner + ".class")) {
      return in.readAllBytes();
    }
  }

  /** The methods that the transform's method calls, in the order of its code. */
  private static List<String> calls(byte[] classFile, Transform transform) {
    List<String> calls = new ArrayList<>();
    MethodVisitor calling =
        new MethodVisitor(Opcodes.ASM9) {
          @Override
          public void visitMethodInsn(
              int opcode, String owner, String name, String descriptor, boolean isInterface) {
            calls.add(owner + "." + name + descriptor);
          }
        };
    byte[] readable = classFile.clone();
    readable[7] = (byte) Opcodes.V17; // The JDK may be newer than the library.
    new ClassReader(readable)
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public MethodVisitor visitMethod(
                  int access, String name, String descriptor, String signature, String[] thrown) {
                boolean it = transform.isOf(name) && descriptor.equals(transform.descriptor());
                return it ? calling : null;
              }
            },
            0);
    return calls;
  }
}
