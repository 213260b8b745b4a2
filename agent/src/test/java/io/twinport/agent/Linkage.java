package io.twinport.agent;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * Resolves what class files name as the JVM would when it links them, JVMS 5.4.3, without loading
 * any of them: in the class files themselves and in the JDK that runs this.
 */
final class Linkage {
  private static final int CLASS = 7;
  private static final int FIELD = 9;
  private static final int METHOD = 10;
  private static final int INTERFACE_METHOD = 11;

  /** Whose methods take what they are given, whatever their descriptor says. */
  private static final Set<String> POLYMORPHIC =
      Set.of("java/lang/invoke/MethodHandle", "java/lang/invoke/VarHandle");

  private static final String CONSTRUCTOR = "<init>";

  /** A type, ours or the JDK's. */
  private static final class Known {
    final String name;
    final boolean ours;
    int access;
    String superName;
    List<String> interfaces = List.of();
    boolean closed; // Sealed: no subclasses of ours.
    boolean exported = true;

    /** Access flags by name and descriptor. */
    final Map<String, Integer> fields = new HashMap<>();

    final Map<String, Integer> methods = new HashMap<>();

    Known(String name, boolean ours) {
      this.name = name;
      this.ours = ours;
    }
  }

  private final Map<String, byte[]> files;
  private final Set<String> opened;
  private final Map<String, Known> types = new HashMap<>();
  private final Set<String> problems = new LinkedHashSet<>();
  private int resolved;

  /**
   * Takes class files by internal name.
   *
   * @param opened the packages of {@code java.base} that are exported to them
   */
  Linkage(Map<String, byte[]> files, Set<String> opened) {
    this.files = files;
    this.opened = opened;
  }

  /** What does not resolve, a line each. */
  List<String> check() {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      names(file.getKey(), new ClassReader(file.getValue()));
      inherits(type(file.getKey()));
    }
    return new ArrayList<>(problems);
  }

  /** How many references to the JDK were good. */
  int resolved() {
    return resolved;
  }

  /** Whether code calls what finds members by a name, unless they are the class's own. */
  static boolean looksUp(byte[] file) {
    boolean[] found = {false};
    ClassReader reader = new ClassReader(file);
    String own = reader.getClassName();
    reader.accept(
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] thrown) {
            return new MethodVisitor(Opcodes.ASM9) {
              private Type first; // Of a look-up's arguments: whose member it is.

              @Override
              public void visitLdcInsn(Object value) {
                first = first == null && value instanceof Type type ? type : first;
              }

              @Override
              public void visitMethodInsn(
                  int opcode, String owner, String called, String type, boolean isInterface) {
                boolean ofItself = first != null && first.getInternalName().equals(own);
                if (isLookUp(owner, called, type)) {
                  found[0] |= !ofItself;
                  first = null;
                }
              }
            };
          }
        },
        ClassReader.SKIP_DEBUG);
    return found[0];
  }

  private static boolean isLookUp(String owner, String name, String descriptor) {
    return switch (owner) {
      case "java/lang/invoke/MethodHandles$Lookup" -> name.startsWith("find");
      case "java/lang/Class" -> name.matches("get(Declared)?(Method|Field)s?");
      case "jdk/internal/misc/Unsafe" ->
          name.equals("objectFieldOffset") && descriptor.contains("String");
      default -> false;
    };
  }

  private void names(String from, ClassReader reader) {
    char[] buffer = new char[reader.getMaxStringLength()];
    for (int i = 1; i < reader.getItemCount(); i++) {
      int item = reader.getItem(i);
      if (item == 0) {
        continue; // The second half of a long.
      }
      int tag = reader.readByte(item - 1);
      if (tag == CLASS) {
        String name = element(reader.readUTF8(item, buffer));
        if (name != null) {
          accessible(from, name);
        }
      } else if (tag == FIELD || tag == METHOD || tag == INTERFACE_METHOD) {
        String owner = reader.readClass(item, buffer);
        int nameAndType = reader.getItem(reader.readUnsignedShort(item + 2));
        String name = reader.readUTF8(nameAndType, buffer);
        String descriptor = reader.readUTF8(nameAndType + 2, buffer);
        member(from, owner, name, descriptor, tag == FIELD);
      }
    }
  }

  /** The class in an array's name; null for one of numbers. */
  private static String element(String name) {
    if (!name.startsWith("[")) {
      return name;
    }
    Type element = Type.getType(name).getElementType();
    return element.getSort() == Type.OBJECT ? element.getInternalName() : null;
  }

  private boolean accessible(String from, String name) {
    Known type = type(name);
    if (type == null) {
      problems.add(from + " names " + name + ", which is not there");
      return false;
    }
    boolean same = packageOf(from).equals(packageOf(name));
    boolean isOpen = type.exported || same || opened.contains(packageOf(name).replace('/', '.'));
    boolean isShim = packageOf(from).equals("sun/nio/ch");
    if (!type.ours && (!(isOpen || isShim) || !(Modifier.isPublic(type.access) || same))) {
      problems.add(from + " names " + name + ", which is not accessible");
      return false;
    }
    return true;
  }

  private void member(String from, String owner, String name, String descriptor, boolean field) {
    if (owner.startsWith("[") || !accessible(from, owner)) {
      return; // An array's clone(); or told already.
    }
    String key = field ? name + ":" + descriptor : name + descriptor;
    Known declaring = declaring(type(owner), key, field, !name.equals(CONSTRUCTOR));
    if (declaring == null && POLYMORPHIC.contains(owner) && !field) {
      declaring =
          type(owner).methods.keySet().stream().anyMatch(each -> each.startsWith(name + "("))
              ? type(owner)
              : null;
      key = null;
    }
    if (declaring == null) {
      problems.add(from + " names " + owner + "." + key + ", which is not there");
      return;
    }
    if (declaring.ours) {
      return;
    }
    int access =
        key == null ? Modifier.PUBLIC : (field ? declaring.fields : declaring.methods).get(key);
    boolean same = packageOf(from).equals(packageOf(declaring.name));
    if (Modifier.isPrivate(access)
        || (!same && !Modifier.isPublic(access) && !Modifier.isProtected(access))) {
      problems.add(from + " names " + owner + "." + key + ", which is not accessible");
      return;
    }
    resolved++;
  }

  private Known declaring(Known type, String key, boolean field, boolean inherited) {
    if (type == null) {
      return null;
    }
    if ((field ? type.fields : type.methods).containsKey(key)) {
      return type;
    }
    if (!inherited) {
      return null;
    }
    Known found = type.superName == null ? null : declaring(type(type.superName), key, field, true);
    for (int i = 0; found == null && i < type.interfaces.size(); i++) {
      found = declaring(type(type.interfaces.get(i)), key, field, true);
    }
    if (found == null && Modifier.isInterface(type.access) && !field) {
      found = declaring(type("java/lang/Object"), key, false, false);
    }
    return found;
  }

  /** Whether a class of ours may be what it is, and implements all that it has to. */
  private void inherits(Known type) {
    List<Known> supers = new ArrayList<>();
    collect(type, supers);
    for (Known above : supers) {
      boolean direct = above.name.equals(type.superName) || type.interfaces.contains(above.name);
      if (direct && !above.ours && (Modifier.isFinal(above.access) || above.closed)) {
        problems.add(type.name + " can't extend " + above.name);
        return;
      }
      above.methods.forEach((key, access) -> overrides(type, above, key, access));
    }
  }

  private void overrides(Known type, Known above, String key, int access) {
    boolean same = packageOf(type.name).equals(packageOf(above.name));
    boolean seen = Modifier.isPublic(access) || Modifier.isProtected(access) || same;
    if (above.ours || key.startsWith("<") || Modifier.isStatic(access) || !seen) {
      return;
    }
    if (Modifier.isFinal(access) && type.methods.containsKey(key) && !Modifier.isPrivate(access)) {
      problems.add(type.name + " can't override " + above.name + "." + key);
    }
    if (Modifier.isAbstract(access)
        && !Modifier.isAbstract(type.access)
        && !isImplemented(type, key)) {
      problems.add(type.name + " does not implement " + key);
    }
  }

  private boolean isImplemented(Known type, String key) {
    List<Known> supers = new ArrayList<>(List.of(type));
    collect(type, supers);
    return supers.stream()
        .anyMatch(
            each -> each.methods.containsKey(key) && !Modifier.isAbstract(each.methods.get(key)));
  }

  private void collect(Known type, List<Known> supers) {
    List<String> above = new ArrayList<>(type.interfaces);
    if (type.superName != null) {
      above.add(0, type.superName);
    }
    for (String name : above) {
      Known known = type(name);
      if (known != null) {
        supers.add(known);
        collect(known, supers);
      }
    }
  }

  private Known type(String name) {
    Known known = types.get(name);
    if (known == null) {
      known = files.containsKey(name) ? read(name) : ofTheJdk(name);
      types.put(name, known);
    }
    return known;
  }

  private Known read(String name) {
    Known known = new Known(name, true);
    new ClassReader(files.get(name))
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public void visit(
                  int version, int access, String self, String sig, String above, String[] faces) {
                known.access = access;
                known.superName = above;
                known.interfaces = List.of(faces);
              }

              @Override
              public FieldVisitor visitField(
                  int access, String field, String descriptor, String signature, Object value) {
                known.fields.put(field + ":" + descriptor, access);
                return null;
              }

              @Override
              public MethodVisitor visitMethod(
                  int access, String method, String descriptor, String sig, String[] thrown) {
                known.methods.put(method + descriptor, access);
                return null;
              }
            },
            ClassReader.SKIP_CODE);
    return known;
  }

  private static Known ofTheJdk(String name) {
    Class<?> type;
    try {
      type = Class.forName(name.replace('/', '.'), false, ClassLoader.getSystemClassLoader());
    } catch (ClassNotFoundException e) {
      return null;
    }
    if (!type.getModule().isNamed()) {
      return null; // Of a test's class path.
    }
    Known known = new Known(name, false);
    known.access = type.getModifiers();
    known.closed = type.isSealed();
    known.exported = type.getModule().isExported(type.getPackageName());
    known.superName =
        type.getSuperclass() == null ? null : Type.getInternalName(type.getSuperclass());
    known.interfaces = new ArrayList<>();
    for (Class<?> each : type.getInterfaces()) {
      known.interfaces.add(Type.getInternalName(each));
    }
    for (Field field : type.getDeclaredFields()) {
      known.fields.put(
          field.getName() + ":" + Type.getDescriptor(field.getType()), field.getModifiers());
    }
    for (Method method : type.getDeclaredMethods()) {
      known.methods.put(method.getName() + Type.getMethodDescriptor(method), method.getModifiers());
    }
    for (Constructor<?> each : type.getDeclaredConstructors()) {
      known.methods.put(CONSTRUCTOR + Type.getConstructorDescriptor(each), each.getModifiers());
    }
    return known;
  }

  private static String packageOf(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('/')));
  }
}
