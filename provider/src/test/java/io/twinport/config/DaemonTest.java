package io.twinport.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads of ours have nothing of the application's thread that needs them first. */
@Timeout(60)
final class DaemonTest {
  private static final InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

  /** The program's: makes a thread that goes on. */
  public static final class Maker implements Runnable {
    @Override
    public void run() {
      Daemon.of("kept", DaemonTest::keepRunning).start();
    }
  }

  private static final CountDownLatch END = new CountDownLatch(1);

  private static void keepRunning() {
    try {
      END.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  @SuppressWarnings("ThreadPriorityCheck") // To see that it is not inherited.
  void inheritsNothing() throws Exception {
    AtomicReference<Thread> made = new AtomicReference<>();
    AtomicReference<String> seen = new AtomicReference<>();
    ThreadGroup group = new ThreadGroup("the application's");
    Thread application =
        new Thread(
            group,
            () -> {
              INHERITED.set("the application's");
              made.set(Daemon.of("ours", () -> seen.set(INHERITED.get())));
            });
    application.setPriority(Thread.MIN_PRIORITY);
    application.setDaemon(false);
    application.start();
    application.join();
    Thread thread = made.get();
    assertNull(thread.getThreadGroup().getParent());
    assertNull(thread.getContextClassLoader());
    assertEquals(Thread.NORM_PRIORITY, thread.getPriority());
    assertTrue(thread.isDaemon());
    assertEquals("ours", thread.getName());
    thread.start();
    thread.join();
    assertNull(seen.get());
  }

  @Test
  void keepsNoClassLoaderOfItsMaker() throws Exception {
    WeakReference<ClassLoader> loader = useALoader();
    try {
      while (loader.get() != null) {
        System.gc();
        Thread.sleep(10);
      }
    } finally {
      END.countDown();
    }
  }

  private static WeakReference<ClassLoader> useALoader() throws Exception {
    URL classes = Maker.class.getProtectionDomain().getCodeSource().getLocation();
    try (OwnMaker loader = new OwnMaker(classes)) {
      Runnable maker =
          (Runnable)
              loader.loadClass(OneCall.class.getName()).getDeclaredConstructor().newInstance();
      Thread application = new Thread(maker);
      application.start();
      application.join();
      return new WeakReference<>(loader);
    }
  }

  /** Calls {@link Maker} from a class loader that is to be collected though the thread goes on. */
  public static final class OneCall implements Runnable {
    @Override
    public void run() {
      new Maker().run();
    }
  }

  /** Has a copy of one class, and all others from the program. */
  private static final class OwnMaker extends URLClassLoader {
    OwnMaker(URL classes) {
      super(new URL[] {classes}, DaemonTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      return name.equals(OneCall.class.getName())
          ? findClass(name)
          : super.loadClass(name, resolve);
    }
  }
}
