package io.twinport.faults;

import com.sun.tools.attach.VirtualMachine;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * Puts a point before each instruction of a {@link Step} into the classes under test, those that
 * are loaded and those that will be. What is for tests only is left as it is, and so are static
 * initializers, whose failure the language makes final.
 */
public final class Weaver implements ClassFileTransformer {
  private static final URL TESTS = Weaver.class.getProtectionDomain().getCodeSource().getLocation();
  private static final String SPI = "io/twinport/spi/San";
  private static final List<String> BLOCKING =
      List.of(
          "java/io/File",
          "java/io/RandomAccessFile",
          "java/nio/file/",
          "java/nio/channels/",
          "java/util/concurrent/locks/LockSupport",
          "java/net/NetworkInterface",
          "jnr/");

  /** Those of {@code sun.nio.ch} that tools may watch. */
  private static final Set<String> KERNEL_CALLS =
      Set.of(
          "accept",
          "await",
          "connect",
          "connectWithin",
          "drain",
          "finishConnect",
          "poll",
          "read",
          "ring",
          "write");

  private final List<String> packages;
  private final List<String> points = new ArrayList<>();
  private Throwable failure;

  private Weaver(List<String> packages) {
    this.packages = packages;
  }

  /**
   * Weaves the classes of some packages, for as long as the JVM lives.
   *
   * @param packages such as {@code io.twinport.nio}
   */
  public static Weaver weave(String... packages) throws Exception {
    Instrumentation instrumentation = instrumentation();
    Weaver weaver =
        new Weaver(Arrays.stream(packages).map(p -> p.replace('.', '/') + "/").toList());
    instrumentation.addTransformer(weaver, true);
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      if (instrumentation.isModifiableClass(loaded)
          && weaver.concerns(loaded.getName().replace('.', '/'), loaded.getProtectionDomain())) {
        instrumentation.retransformClasses(loaded);
      }
    }
    weaver.check();
    return weaver;
  }

  private static Instrumentation instrumentation() throws Exception {
    if (FaultAgent.instrumentation() == null) {
      Manifest manifest = new Manifest();
      Attributes attributes = manifest.getMainAttributes();
      attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
      attributes.putValue("Agent-Class", FaultAgent.class.getName());
      attributes.putValue("Can-Retransform-Classes", "true");
      Path jar = Files.createTempFile("faults", ".jar");
      try {
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        VirtualMachine self = VirtualMachine.attach(Long.toString(ProcessHandle.current().pid()));
        try {
          self.loadAgent(jar.toString());
        } finally {
          self.detach();
        }
      } finally {
        Files.delete(jar);
      }
    }
    return FaultAgent.instrumentation();
  }

  /** What stands at a point, for people. */
  synchronized String describe(int point) {
    return points.get(point);
  }

  /** How many points there are. */
  public synchronized int points() {
    return points.size();
  }

  private synchronized int point(String where) {
    points.add(where);
    return points.size() - 1;
  }

  /** Fails if a class could not be woven. */
  synchronized void check() {
    if (failure != null) {
      throw new AssertionError("not woven", failure);
    }
  }

  private boolean isWoven(String name) {
    for (String start : packages) {
      if (name.startsWith(start)) {
        return true;
      }
    }
    return false;
  }

  private boolean concerns(String name, ProtectionDomain domain) {
    if (!isWoven(name) || domain == null || domain.getCodeSource() == null) {
      return false;
    }
    URL place = domain.getCodeSource().getLocation();
    return !place.sameFile(TESTS) && !place.getPath().endsWith("/test-classes/");
  }

  @Override
  public byte[] transform(
      ClassLoader loader,
      String name,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] classFile) {
    if (name == null || !concerns(name, domain)) {
      return null;
    }
    try {
      ClassReader reader = new ClassReader(classFile);
      ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
      reader.accept(new Classes(writer, name), 0);
      return writer.toByteArray();
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        failure = e; // The JVM would ignore it.
      }
      return null;
    }
  }

  private final class Classes extends ClassVisitor {
    private final String name;

    Classes(ClassVisitor next, String name) {
      super(Opcodes.ASM9, next);
      this.name = name.substring(name.lastIndexOf('/') + 1);
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String method, String descriptor, String signature, String[] exceptions) {
      MethodVisitor next = super.visitMethod(access, method, descriptor, signature, exceptions);
      return next == null || method.equals("<clinit>")
          ? next
          : new Methods(next, name + "." + method);
    }
  }

  private final class Methods extends MethodVisitor {
    private final String method;

    Methods(MethodVisitor next, String method) {
      super(Opcodes.ASM9, next);
      this.method = method;
    }

    @SuppressWarnings("EnumOrdinal") // Woven code passes numbers.
    private void put(Step step, String what) {
      super.visitIntInsn(Opcodes.BIPUSH, step.ordinal());
      super.visitLdcInsn(point(method + " " + step + " " + what));
      super.visitMethodInsn(
          Opcodes.INVOKESTATIC, Type.getInternalName(Faults.class), "at", "(II)V", false);
    }

    @Override
    public void visitCode() {
      super.visitCode();
      // The JDK calls these just once, whatever comes of it.
      if (!method.endsWith(".implCloseSelectableChannel")
          && !method.equals("TwinServerSocketImpl.close")) {
        put(Step.ENTRY, "");
      }
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      if (opcode == Opcodes.ANEWARRAY) {
        put(Step.ALLOCATION, type);
      }
      super.visitTypeInsn(opcode, type);
      if (opcode == Opcodes.NEW) {
        // Behind it, since frames name the instruction by the label in front of it.
        put(Step.ALLOCATION, type);
      }
    }

    @Override
    public void visitIntInsn(int opcode, int operand) {
      if (opcode == Opcodes.NEWARRAY) {
        put(Step.ALLOCATION, "array");
      }
      super.visitIntInsn(opcode, operand);
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      if (!name.equals("<init>")) {
        if (owner.startsWith(SPI)) {
          put(mayThrowIo(name) ? Step.SPI_IO : Step.SPI, owner + "." + name);
        } else if (!isWoven(owner)) {
          boolean blocking =
              BLOCKING.stream().anyMatch(owner::startsWith)
                  || (owner.startsWith("sun/nio/ch/") && KERNEL_CALLS.contains(name));
          put(blocking ? Step.BLOCKING : Step.CALL, owner + "." + name);
        }
      }
      super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
    }

    private static boolean mayThrowIo(String name) {
      return switch (name) {
        case "listen", "connect", "finishConnect", "read", "write", "writeUrgent", "accept" -> true;
        default -> false;
      };
    }
  }
}
