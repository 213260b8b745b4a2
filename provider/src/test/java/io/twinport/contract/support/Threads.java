package io.twinport.contract.support;

import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Virtual threads, for tests that are compiled for JDK 17, which has none. */
public final class Threads {
  private static final MethodHandle START_VIRTUAL = find();

  private static final ThreadLocal<Runnable> PINNED = new ThreadLocal<>();

  private Threads() {}

  private static MethodHandle find() {
    try {
      return MethodHandles.publicLookup()
          .findStatic(
              Thread.class,
              "startVirtualThread",
              MethodType.methodType(Thread.class, Runnable.class));
    } catch (NoSuchMethodException e) {
      return null;
    } catch (IllegalAccessException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Whether this JVM has virtual threads. */
  public static boolean hasVirtual() {
    return START_VIRTUAL != null;
  }

  /** Starts a virtual thread, or a daemon thread where there are none. */
  public static Thread startVirtual(Runnable body) {
    if (START_VIRTUAL == null) {
      Thread thread = new Thread(body, "contract-instead-of-virtual");
      thread.setDaemon(true);
      thread.start();
      return thread;
    }
    try {
      return (Thread) START_VIRTUAL.invokeExact(body);
    } catch (Error | RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes a call with a frame of the JVM's own below it. */
  public static <T> T pinned(Callable<T> call) throws Exception {
    FutureTask<T> task = new FutureTask<>(call);
    PINNED.set(task);
    try (InputStream code = Threads.class.getResourceAsStream("Pinned.class")) {
      MethodHandles.lookup().defineHiddenClass(code.readAllBytes(), true);
      return task.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      PINNED.remove();
    }
  }

  static void runPinned() {
    PINNED.get().run();
  }
}
