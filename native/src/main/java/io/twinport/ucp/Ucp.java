package io.twinport.ucp;

import com.kenai.jffi.MemoryIO;
import io.twinport.posix.Memory;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import jnr.ffi.LibraryLoader;

/** The UCP library, loaded into this process once. */
public final class Ucp {
  /** The oldest version that will do: 1.13, the first that this was tried with. */
  static final int MAJOR = 1;

  static final int MINOR = 13;

  private static final String ADVICE =
      "install UCX 1.13 or later (Debian: libucx0, Fedora: ucx), or take ucx out of"
          + " twinport.providers";

  /**
   * How many sockets UCX's own thread may listen to. A process that has more, with UCX's default of
   * 1,024 over TCP, has no room for a connection that comes in then, and UCX 1.13 closes its
   * descriptor twice: the second time it may be another's. One takes eight bytes.
   */
  private static final int MOST_EVENTS = 1 << 16;

  /**
   * Of the connection manager over TCP, which has its settings from the environment only: UCX 1.13
   * does not pass on to it what {@code ucp_config_modify} is given. An address may be listened on
   * again while old connections of it wait for their end, and a connect that nobody answers ends
   * after some seconds.
   */
  private static final Map<String, String> OVER_TCP =
      Map.of("UCX_TCP_CM_REUSEADDR", "y", "UCX_TCP_CM_SYN_CNT", "3");

  private static Ucp loaded;

  private final LibUcp.Functions functions;
  private final String version;

  private Ucp(LibUcp.Functions functions, String version) {
    this.functions = functions;
    this.version = version;
  }

  /**
   * Loads the library, with what would harm a JVM switched off. {@code Posix.load} comes first.
   * Once it is loaded, further calls return the same library.
   *
   * @param library a name for {@code dlopen(3)}, such as {@code libucp.so.0}
   * @param verbose whether UCX may write its warnings to standard output; it is silent otherwise
   * @throws IOException in one line that says what to do, if the library is missing, broken or
   *     older than 1.13
   */
  public static synchronized Ucp load(String library, boolean verbose) throws IOException {
    if (loaded == null) {
      Map<String, String> variables = harmless(verbose);
      variables.putAll(OVER_TCP);
      Environment.set(variables);
      // JNR reads both once, while it initializes; they are the application's again afterwards.
      // Machine code written by JNR itself hands over a wrong sixth argument on x86-64, is no
      // faster (measured: 91 ns for getpid either way), and takes 20 ms to set up. Of
      // sun.misc.Unsafe, JDK 24 and later warn.
      String code = "jnr.ffi.x86asm.enabled";
      String codeBefore = System.setProperty(code, "false");
      String unsafe = "jffi.unsafe.disabled";
      String unsafeBefore = System.setProperty(unsafe, "true");
      try {
        MemoryIO.getInstance(); // Reads the second.
        loaded = bound(library);
      } finally {
        restore(code, codeBefore);
        restore(unsafe, unsafeBefore);
      }
    }
    return loaded;
  }

  private static void restore(String property, String value) {
    if (value == null) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, value);
    }
  }

  private static Ucp bound(String library) throws IOException {
    try {
      LibUcp.Functions functions =
          LibraryLoader.create(LibUcp.Functions.class).failImmediately().load(library);
      String version = version(functions, library);
      Exit.withoutDestructors();
      return new Ucp(functions, version);
    } catch (LinkageError | RuntimeException failure) {
      throw new IOException(
          library + " can't be loaded (" + firstLine(failure) + "): " + ADVICE, failure);
    }
  }

  /**
   * What UCX reads while it is loaded. It would otherwise take the JVM's SIGSEGV and others, on
   * which the JVM stands, patch {@code mmap} and {@code malloc} in memory to follow registrations,
   * start a thread of its own to show itself as a file system, write to standard output, and close
   * descriptors of others.
   */
  private static Map<String, String> harmless(boolean verbose) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("UCX_HANDLE_ERRORS", "none");
    variables.put("UCX_ERROR_SIGNALS", "");
    variables.put("UCX_MEM_EVENTS", "n");
    variables.put("UCX_MEM_MMAP_HOOK_MODE", "none");
    variables.put("UCX_MEM_MALLOC_HOOKS", "n");
    variables.put("UCX_MEM_MALLOC_RELOC", "n");
    variables.put("UCX_MEM_CUDA_HOOK_MODE", "none");
    variables.put("UCX_VFS_ENABLE", "n");
    variables.put("UCX_WARN_UNUSED_ENV_VARS", "n");
    variables.put("UCX_ASYNC_MAX_EVENTS", Integer.toString(MOST_EVENTS));
    variables.put("UCX_LOG_LEVEL", verbose ? "warn" : "fatal");
    variables.put("UCX_MEM_LOG_LEVEL", verbose ? "warn" : "fatal");
    return variables;
  }

  private static String version(LibUcp.Functions functions, String library) throws IOException {
    long numbers = Memory.allocate(3L * Integer.BYTES);
    try {
      functions.ucp_get_version(numbers, numbers + Integer.BYTES, numbers + 2L * Integer.BYTES);
      int major = Memory.getInt(numbers);
      int minor = Memory.getInt(numbers + Integer.BYTES);
      String text = major + "." + minor + "." + Memory.getInt(numbers + 2L * Integer.BYTES);
      if (major != MAJOR || minor < MINOR) {
        throw new IOException(library + " is UCX " + text + ": " + ADVICE);
      }
      return text;
    } finally {
      Memory.free(numbers);
    }
  }

  private static String firstLine(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? failure.getClass().getName()
        : message.strip().lines().findFirst().orElseThrow();
  }

  LibUcp.Functions functions() {
    return functions;
  }

  /** Such as {@code 1.13.1}. */
  public String version() {
    return version;
  }
}
