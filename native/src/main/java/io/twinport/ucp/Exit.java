package io.twinport.ucp;

import com.kenai.jffi.Library;
import java.io.IOException;
import jnr.ffi.LibraryLoader;
import jnr.ffi.annotations.IgnoreError;

/**
 * How a process ends in which UCX is loaded: without the destructors of native libraries. UCX's own
 * frees the table of its sockets, and leaves the thread running that looks them up there at each
 * event; so a process that ends beside a connect may crash. That takes an event in the last
 * milliseconds, and is rare, but the exit status is the application's.
 *
 * <p>{@code exit(3)} runs handlers in the reverse order of their registration, and the destructors
 * of libraries after all of them. The handlers registered here are {@code _exit} itself, which is
 * given the exit status, and {@code fflush} of all streams, so that is not lost. Handlers that were
 * registered earlier are skipped; the JVM has none.
 */
final class Exit {
  private Exit() {}

  /** What is called. Public for JNR, as {@link LibUcp.Functions}. */
  public interface Functions {
    @IgnoreError
    int on_exit(long function, long argument);

    @IgnoreError
    int __cxa_atexit(long function, long argument, long library);
  }

  /** To be called once. */
  static void withoutDestructors() throws IOException {
    Library process = Library.getDefault();
    long exit = process.getSymbolAddress("_exit");
    long flush = process.getSymbolAddress("fflush");
    Functions functions = LibraryLoader.create(Functions.class).failImmediately().load("c");
    if (exit == 0
        || flush == 0
        || functions.on_exit(exit, 0) != 0
        || functions.__cxa_atexit(flush, 0, 0) != 0) {
      throw new IOException("the C library takes no exit handlers");
    }
  }
}
