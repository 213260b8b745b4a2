package io.twinport.it.apps;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedClassLoader;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * A virtual thread for each connection, blocked in a read most of its life; as a server that
 * echoes, or as a client. Argument: {@code channel} or {@code socket}. Needs JDK 21.
 */
public final class VirtualThreads {
  /** Connects that are under way at once: fewer than the listener's backlog. */
  private static final int CONNECTING = 100;

  private static final long PATIENCE_SECONDS = 60;

  /** Whoever waits for the SAN. */
  private static final Pattern WAITS =
      Pattern.compile("io\\.twinport\\.(waiting|core|nio|net|aio|shm)");

  /** A frame of what runs under a channel; the agent reports beside it. */
  private static final Pattern OURS =
      Pattern.compile(
          "io\\.twinport\\.(waiting|registry|core|nio|net|aio|jdk|spi|host|posix|shm|stream)"
              + "\\.[^(]*");

  /** The names of the class loaders that look for what our code names. */
  private static final Set<String> OUR_LOADERS = Set.of("app", "twinport");

  private final String kind;
  private final Recording recording = new Recording();
  private final Queue<VirtualEnd> ends = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final Queue<Thread> readers = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final ConcurrentHashMap<Long, VirtualEnd> byId = new ConcurrentHashMap<>();
  private final AtomicInteger interrupted = new AtomicInteger();
  private volatile boolean ending;

  private VirtualThreads(String kind) {
    this.kind = kind;
  }

  /** Runs a server and a client that nobody has to use both of. */
  public static void main(String[] arguments) throws Exception {
    VirtualThreads program = new VirtualThreads(arguments[0]);
    // The first to wait is pinned while the JDK prepares for it, over TCP too.
    Class.forName("sun.nio.ch.Poller");
    program.recording.enable("jdk.VirtualThreadPinned").withThreshold(Duration.ZERO);
    program.recording.enable("jdk.ClassLoad");
    program.recording.start();
    try (VirtualEnd.Source listener = VirtualEnd.listen(program.kind, 4096)) {
      start(() -> program.accept(listener));
      new Console()
          .on("open", program::open)
          .on("say", program::say)
          .on("probe", program::probe)
          .on("interrupt", program::interrupt)
          .on("poke", program::poke)
          .on("answered", words -> "answered=" + program.answered.get())
          .on("stats", words -> program.stats())
          .on("pinned", words -> program.pinned())
          .on("loaded", words -> program.loaded())
          .serve("ports=" + listener.port());
      program.ending = true;
    }
  }

  private static Thread start(Runnable body) {
    try {
      Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
      return (Thread) start.invoke(null, body);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no virtual threads", e);
    }
  }

  // -- Server

  private void accept(VirtualEnd.Source listener) {
    try {
      while (true) {
        VirtualEnd end = listener.accept();
        ends.add(end);
        start(() -> echo(end));
      }
    } catch (IOException e) {
      if (!ending) {
        failures.add(e);
      }
    }
  }

  private void echo(VirtualEnd end) {
    try {
      while (true) {
        long value = end.read();
        byId.putIfAbsent(value, end);
        end.write(value);
      }
    } catch (IOException e) {
      // The client has closed it.
    }
  }

  /** {@code poke}: writes once to every connection, all from one virtual thread. */
  private String poke(String... words) throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    AtomicInteger poked = new AtomicInteger();
    start(
        () -> {
          try {
            for (VirtualEnd end : byId.values()) {
              end.write(-1);
              poked.incrementAndGet();
            }
          } catch (IOException e) {
            failures.add(e);
          }
          done.countDown();
        });
    await(done);
    return "poked=" + poked.get();
  }

  // -- Client

  /** {@code open COUNT PORT}: connects, sends a number, gets it back, and reads from then on. */
  private String open(String... words) throws Exception {
    int count = Integer.parseInt(words[1]);
    int port = Integer.parseInt(words[2]);
    CountDownLatch opened = new CountDownLatch(count);
    Semaphore connecting = new Semaphore(CONNECTING);
    int before = ends.size();
    for (int i = 0; i < count; i++) {
      long id = before + 1L + i;
      readers.add(start(() -> run(id, port, connecting, opened)));
    }
    await(opened);
    return stats();
  }

  private void run(long id, int port, Semaphore connecting, CountDownLatch opened) {
    VirtualEnd end = null;
    try {
      connecting.acquire();
      try {
        end = VirtualEnd.connect(kind, port);
        end.write(id);
        if (end.read() != id) {
          throw new IOException("another's answer");
        }
      } finally {
        connecting.release();
      }
      ends.add(end);
      opened.countDown();
      while (true) {
        end.read();
        answered.incrementAndGet();
      }
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        interrupted.incrementAndGet();
      } else if (!ending) {
        failures.add(e);
        opened.countDown();
      }
    } catch (InterruptedException e) {
      failures.add(e);
      opened.countDown();
    }
  }

  /** {@code say}: writes on every connection, each from a virtual thread of its own. */
  private String say(String... words) throws Exception {
    CountDownLatch said = new CountDownLatch(ends.size());
    for (VirtualEnd end : ends) {
      start(
          () -> {
            try {
              end.write(0);
            } catch (IOException e) {
              failures.add(e);
            }
            said.countDown();
          });
    }
    await(said);
    return stats();
  }

  /** {@code probe}: a new virtual thread gets to run. */
  private String probe(String... words) throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    start(ran::countDown);
    await(ran);
    return stats();
  }

  /** {@code interrupt COUNT}: of the threads that read. */
  private String interrupt(String... words) throws Exception {
    int count = Integer.parseInt(words[1]);
    for (int i = 0; i < count; i++) {
      Thread reader = readers.remove();
      reader.interrupt();
      reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      if (reader.isAlive()) {
        throw new IOException("a reader does not end");
      }
    }
    return "interrupted=" + interrupted.get();
  }

  private void await(CountDownLatch latch) throws Exception {
    if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException(latch.getCount() + " are missing, " + stats());
    }
  }

  private String stats() {
    Throwable failure = failures.peek();
    return "open=%d failures=%d %s"
        .formatted(ends.size(), failures.size(), failure == null ? "" : failure);
  }

  /** {@code pinned}: how often a virtual thread has held its carrier while it waited. */
  private String pinned() throws IOException {
    int count = 0;
    StringBuilder where = new StringBuilder();
    for (RecordedEvent event : recorded("jdk.VirtualThreadPinned")) {
      String stack = String.valueOf(event.getStackTrace());
      if (WAITS.matcher(stack).find()) {
        count++;
        where.append(stack.replaceAll("\\s+", " "));
      }
    }
    return "pinned=" + count + " " + where;
  }

  /**
   * {@code loaded}: for how many classes, the JDK's too, our code has asked a class loader first on
   * a virtual thread, and where.
   */
  private String loaded() throws IOException {
    Set<String> found = new TreeSet<>();
    for (RecordedEvent event : recorded("jdk.ClassLoad")) {
      RecordedClassLoader loader = event.getValue("initiatingClassLoader");
      String stack = String.valueOf(event.getStackTrace());
      Matcher ours = OURS.matcher(stack);
      if (loader != null
          && OUR_LOADERS.contains(String.valueOf(loader.getName()))
          && stack.contains("java.lang.VirtualThread.run")
          && ours.find()) {
        found.add(event.getClass("loadedClass").getName() + " at " + ours.group());
      }
    }
    return "loaded=" + found.size() + " " + found;
  }

  private List<RecordedEvent> recorded(String type) throws IOException {
    Path file = Files.createTempFile("recorded", ".jfr");
    try {
      recording.dump(file);
      List<RecordedEvent> events = new ArrayList<>(RecordingFile.readAllEvents(file));
      events.removeIf(event -> !event.getEventType().getName().equals(type));
      return events;
    } finally {
      Files.delete(file);
    }
  }
}
