package io.twinport.ucp;

import com.kenai.jffi.Library;
import io.twinport.posix.Memory;
import io.twinport.posix.Posix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The process's environment as native code sees it. UCX reads some of its settings there while it
 * is loaded, and no other way.
 *
 * <p>The whole array is replaced by another, with one store of the pointer to it: a thread of the
 * JVM or of a library that reads the environment at this moment finds either array whole, which
 * {@code setenv(3)} does not promise. What was there before is left as it is, and never freed.
 * Java's own {@code System.getenv}, which child processes inherit, does not change.
 */
final class Environment {
  private Environment() {}

  /** Sets variables, whether or not they were set before. */
  static synchronized void set(Map<String, String> variables) {
    // Java takes its copy when it is first asked for it.
    System.getenv("PATH");
    long environ = Library.getDefault().getSymbolAddress("environ");
    if (environ == 0) {
      throw new IllegalStateException("the C library has no environ");
    }
    List<Long> entries = new ArrayList<>();
    variables.forEach((name, value) -> entries.add(Posix.cString(name + "=" + value)));
    long before = Memory.getLong(environ);
    for (long at = before; before != 0 && Memory.getLong(at) != 0; at += Long.BYTES) {
      long entry = Memory.getLong(at);
      if (!variables.containsKey(nameOf(entry))) {
        entries.add(entry);
      }
    }
    long array = Memory.allocate((entries.size() + 1L) * Long.BYTES);
    for (int i = 0; i < entries.size(); i++) {
      Memory.putLong(array + (long) i * Long.BYTES, entries.get(i));
    }
    Memory.putLong(array + (long) entries.size() * Long.BYTES, 0);
    Memory.putLongVolatile(environ, array);
  }

  private static String nameOf(long entry) {
    StringBuilder name = new StringBuilder();
    for (long at = entry; ; at++) {
      byte next = Memory.getByte(at);
      if (next == '=' || next == 0) {
        return name.toString();
      }
      name.append((char) next);
    }
  }
}
