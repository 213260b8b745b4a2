package io.twinport.agent.transforms;

import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * Puts a {@link Transform}'s question in front of a method's own code.
 *
 * <p>Written with the class file library inside Byte Buddy, not with its {@code Advice}: for these
 * few instructions the first costs a starting process about a tenth of what the second does, and
 * the first {@code new Socket()} of a program waits for it.
 */
final class Prologue extends ClassVisitor {
  private static final String HOOKS = "sun/nio/ch/SanHooks";

  /** Where a class file has its version, JVMS 4.1: minor and major, two bytes each. */
  private static final int VERSION = 4;

  private static final int VERSION_BYTES = 4;

  private final Transform transform;
  private boolean found;

  private Prologue(Transform transform, ClassVisitor next) {
    super(Opcodes.ASM9, next);
    this.transform = transform;
  }

  /**
   * Returns the changed class.
   *
   * <p>The library refuses versions of the format that are later than itself. Nothing here depends
   * on them, so it is shown the oldest one there can be, and the class keeps its own.
   *
   * @throws IllegalArgumentException if the class lacks the method, or has in it what is not known
   */
  static byte[] insert(byte[] classFile, Transform transform) {
    byte[] readable = classFile.clone();
    readable[VERSION] = 0;
    readable[VERSION + 1] = 0;
    readable[VERSION + 2] = 0;
    readable[VERSION + 3] = (byte) Opcodes.V17;
    ClassReader reader = new ClassReader(readable);
    ClassWriter writer = new ClassWriter(reader, 0); // Nothing is computed: no class is looked up.
    Prologue prologue = new Prologue(transform, writer);
    reader.accept(prologue, 0);
    if (!prologue.found) {
      throw new IllegalArgumentException(
          "no method " + transform.method() + transform.descriptor());
    }
    byte[] changed = writer.toByteArray();
    System.arraycopy(classFile, VERSION, changed, VERSION, VERSION_BYTES);
    return changed;
  }

  @Override
  public MethodVisitor visitMethod(
      int access, String name, String descriptor, String signature, String[] exceptions) {
    MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
    if (!transform.isOf(name) || !descriptor.equals(transform.descriptor())) {
      return next;
    }
    found = true;
    if (((access & Opcodes.ACC_STATIC) != 0) != (transform.self() == null)) {
      throw new IllegalArgumentException(name + " is not the method it was");
    }
    return new Question(next);
  }

  /** What the hook is called with and returns. */
  static String hookDescriptor(Transform transform) {
    String descriptor = transform.descriptor();
    if (descriptor.endsWith("V")) {
      descriptor = descriptor.substring(0, descriptor.length() - 1) + "Z";
    }
    String self = transform.self();
    return self == null ? descriptor : "(" + self + descriptor.substring(1);
  }

  /**
   * {@code Result r = SanHooks.hook(arguments); if (r != null) return r;}, or {@code r >= 0} of a
   * number; where there is no result, {@code if (SanHooks.hook(arguments)) return;}.
   */
  private final class Question extends MethodVisitor {
    private int stack;

    Question(MethodVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public void visitCode() {
      super.visitCode();
      int local = 0;
      if (transform.self() != null) {
        super.visitVarInsn(Opcodes.ALOAD, local++);
      }
      for (Type argument : Type.getArgumentTypes(transform.descriptor())) {
        super.visitVarInsn(argument.getOpcode(Opcodes.ILOAD), local);
        local += argument.getSize();
      }
      super.visitMethodInsn(
          Opcodes.INVOKESTATIC, HOOKS, transform.hook(), hookDescriptor(transform), false);
      Type result = Type.getReturnType(transform.descriptor());
      if (result.getSort() == Type.LONG) {
        stack = Math.max(local, 6);
        returnUnlessNegative();
      } else if (result.getSort() == Type.VOID) {
        stack = Math.max(local, 1);
        returnIfTrue();
      } else {
        stack = Math.max(local, 2);
        returnUnlessNull(result.getInternalName());
      }
    }

    private void returnUnlessNull(String type) {
      super.visitInsn(Opcodes.DUP);
      Label theJdks = new Label();
      super.visitJumpInsn(Opcodes.IFNULL, theJdks);
      super.visitInsn(Opcodes.ARETURN);
      super.visitLabel(theJdks);
      super.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {type});
      super.visitInsn(Opcodes.POP);
    }

    private void returnIfTrue() {
      Label theJdks = new Label();
      super.visitJumpInsn(Opcodes.IFEQ, theJdks);
      super.visitInsn(Opcodes.RETURN);
      super.visitLabel(theJdks);
      super.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
    }

    private void returnUnlessNegative() {
      super.visitInsn(Opcodes.DUP2);
      super.visitInsn(Opcodes.LCONST_0);
      super.visitInsn(Opcodes.LCMP);
      Label theJdks = new Label();
      super.visitJumpInsn(Opcodes.IFLT, theJdks);
      super.visitInsn(Opcodes.LRETURN);
      super.visitLabel(theJdks);
      super.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {Opcodes.LONG});
      super.visitInsn(Opcodes.POP2);
    }

    @Override
    public void visitMaxs(int maxStack, int maxLocals) {
      super.visitMaxs(Math.max(maxStack, stack), maxLocals);
    }
  }
}
