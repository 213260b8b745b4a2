package io.twinport.agent.transforms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinport.nio.TwinSelectorProvider;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.junit.jupiter.api.Test;

/** The table of transforms fits the shim's hooks. */
class TransformTest {
  /** Every hook by its name and descriptor. Those who install hooks return nothing. */
  private static Set<String> hooks() throws IOException {
    Set<String> hooks = new TreeSet<>();
    ClassVisitor methods =
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] thrown) {
            if ((access & Opcodes.ACC_PUBLIC) != 0 && !descriptor.endsWith(")V")) {
              hooks.add(name + descriptor);
            }
            return null;
          }
        };
    String file = "/META-INF/twinport/shim/sun/nio/ch/SanHooks.class";
    try (InputStream in = TwinSelectorProvider.class.getResourceAsStream(file)) {
      new ClassReader(in).accept(methods, ClassReader.SKIP_CODE);
    }
    return hooks;
  }

  @Test
  void everyTransformAsksAHookAndEveryHookIsAsked() throws IOException {
    Set<String> asked = new TreeSet<>();
    for (Transform transform : Transform.ALL) {
      asked.add(transform.hook() + Prologue.hookDescriptor(transform));
    }
    assertEquals(hooks(), asked);
  }

  @Test
  void whatAPolicyIsReadWithIsChanged() {
    Set<String> owners =
        Transform.ALL.stream().map(Transform::owner).collect(Collectors.toCollection(TreeSet::new));
    assertTrue(owners.containsAll(Transformer.POLICY_IS_READ_WITH), owners::toString);
  }
}
