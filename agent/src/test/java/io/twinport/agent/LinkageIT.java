package io.twinport.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.junit.jupiter.api.Test;

/**
 * Everything of the JDK that the classes in the shipped jar name is there in the JDK that runs
 * this: types, fields and methods by their descriptors, which a compiler for JDK 17 has written.
 */
class LinkageIT {
  private static final String SHIM = "META-INF/twinport/shim/";
  private static final String INNER = "inner/";
  private static final String INNER_CLASS = ".classdata";
  private static final String CLASS = ".class";

  /**
   * The classes that look members of the JDK up by name; {@code LookupsTest}, {@code
   * SharedCopyTest} and {@code OnErrorIT} have them do so.
   */
  private static final Set<String> LOOK_UP =
      Set.of(
          "io/twinport/agent/start/EarlyExit",
          "io/twinport/waiting/VirtualThreads",
          "io/twinport/posix/DirectBuffers",
          "io/twinport/posix/Memory",
          "sun/nio/ch/AbstractNames",
          "sun/nio/ch/SanEvents",
          "sun/nio/ch/SanModule",
          "sun/nio/ch/SanProxies",
          "sun/nio/ch/SanRecorder",
          "sun/nio/ch/SanRecorder$Events",
          "sun/nio/ch/SanSelectorBase",
          "sun/nio/ch/SanTcpChannel",
          "sun/nio/ch/SanTcpSocket");

  /** What looks up members that are the application's libraries'. */
  private static final Set<String> NOT_THE_JDKS =
      Set.of("io/twinport/config/ApplicationLogger$OfLibrary");

  /** What the shim calls only where it is there. */
  private static final String EVENTS_SINCE_22 =
      "sun/nio/ch/SanEvents names jdk/internal/event/Socket(Read|Write)Event, .*";

  /** Packages of {@code java.base} that are exported to the application's class loader's module. */
  private static final Set<String> FOR_THE_SWITCH = Set.of("sun.nio.ch", "jdk.internal.misc");

  private static Map<String, byte[]> classFiles() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (JarFile jar = new JarFile(System.getProperty("twinport.jar"))) {
      for (JarEntry entry : jar.stream().toList()) {
        String name = className(entry.getName());
        if (name != null) {
          try (InputStream in = jar.getInputStream(entry)) {
            files.put(name, in.readAllBytes());
          }
        }
      }
    }
    return files;
  }

  /** The internal name of the class that an entry of the jar is, or null. */
  private static String className(String entry) {
    if (entry.startsWith(INNER) && entry.endsWith(INNER_CLASS)) {
      return entry.substring(INNER.length(), entry.length() - INNER_CLASS.length());
    }
    if (!entry.endsWith(CLASS)) {
      return null;
    }
    int from = entry.startsWith(SHIM) ? SHIM.length() : 0;
    return entry.substring(from, entry.length() - CLASS.length());
  }

  @Test
  void everyMemberThatIsNamedIsThere() throws IOException {
    Linkage linkage = new Linkage(classFiles(), FOR_THE_SWITCH);
    List<String> missing = linkage.check();
    if (Runtime.version().feature() < 22) {
      missing.removeIf(line -> line.matches(EVENTS_SINCE_22));
    }
    assertEquals("", String.join("\n", missing));
    assertTrue(linkage.resolved() > 3_000, "only " + linkage.resolved());
  }

  /** So that none is forgotten. */
  @Test
  void onlyTheseLookMembersOfTheJdkUpByName() throws IOException {
    Set<String> found = new TreeSet<>();
    for (Map.Entry<String, byte[]> file : classFiles().entrySet()) {
      String name = file.getKey();
      boolean ours = name.startsWith("io/twinport/") || name.startsWith("sun/nio/ch/");
      if (ours && !name.startsWith("io/twinport/shaded/") && Linkage.looksUp(file.getValue())) {
        found.add(name);
      }
    }
    found.removeAll(NOT_THE_JDKS);
    assertEquals(new TreeSet<>(LOOK_UP), found);
  }

  /** A class like ours that names one method of the JDK's. */
  private static List<String> missing(String superName, String owner, String name, String type) {
    ClassWriter writer = new ClassWriter(0);
    writer.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, "io/twinport/nio/Made", null, superName, null);
    MethodVisitor method =
        writer.visitMethod(Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, "call", "()V", null, null);
    method.visitCode();
    method.visitMethodInsn(
        Opcodes.INVOKEVIRTUAL, owner, name, type, owner.startsWith("jdk/internal/access"));
    method.visitEnd();
    writer.visitEnd();
    return new Linkage(Map.of("io/twinport/nio/Made", writer.toByteArray()), FOR_THE_SWITCH)
        .check();
  }

  @Test
  void aMethodThatReturnsSomethingElseIsMissing() {
    String object = "java/lang/Object";
    assertEquals(List.of(), missing(object, "java/lang/String", "length", "()I"));
    assertEquals(1, missing(object, "java/lang/String", "length", "()J").size());
    assertEquals(1, missing(object, "java/lang/Strings", "length", "()I").size());
    assertEquals(1, missing(object, "java/lang/Thread", "exit", "()V").size(), "private");
    assertEquals(List.of(), missing(object, "java/util/ArrayList", "containsAll", all()));
    assertEquals(List.of(), missing(object, "sun/nio/ch/IOUtil", "fdVal", number()));
    assertEquals(1, missing(object, "sun/net/NetHooks", "beforeTcpBind", "()V").size());
  }

  private static String all() {
    return "(Ljava/util/Collection;)Z";
  }

  private static String number() {
    return "(Ljava/io/FileDescriptor;)I";
  }

  @Test
  void aSuperclassThatAsksForMoreIsReported() {
    assertEquals(1, missing("java/lang/String", "java/lang/String", "length", "()I").size());
    List<String> abstracts = missing("java/io/InputStream", "java/lang/String", "length", "()I");
    assertEquals(
        new ArrayList<>(List.of("io/twinport/nio/Made does not implement read()I")), abstracts);
  }
}
