package io.twinport.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs operations until each has been met by a fault at each of its steps. */
public final class Rounds implements AutoCloseable {
  private static final long SECONDS = 20;
  private static final int MOST_STEPS = 100_000;

  /** One try of an operation, in surroundings that outlive it. */
  public interface Operation {
    /** What the operation needs. Meets no fault. */
    default void before() throws Exception {}

    /** The operation. It may throw anything. */
    void run() throws Exception;

    /**
     * Looks whether all else still works, and whether what the operation was about does or is
     * closed. Meets no fault.
     *
     * @param thrown what {@link #run} has thrown, or null
     */
    void after(Throwable thrown) throws Exception;
  }

  private final Weaver weaver;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "rounds");
            thread.setDaemon(true);
            return thread;
          });
  private final List<String> lost = new ArrayList<>();
  private int operations;
  private long rounds;

  public Rounds(Weaver weaver) {
    this.weaver = weaver;
  }

  /**
   * Runs an operation with the fault at its first step, its second, and so on, until it ends
   * without having met it.
   *
   * @param strikes at how many steps in a row the fault strikes
   */
  public void run(String name, Fault fault, int strikes, Operation operation) throws Exception {
    operations++;
    round(name, fault, Long.MAX_VALUE, strikes, operation); // Initializes classes.
    for (int n = 0; n < MOST_STEPS; n++) {
      if (!round(name, fault, n, strikes, operation)) {
        return;
      }
    }
    throw new AssertionError(name + " does not end");
  }

  /** Returns whether the fault was met. */
  private boolean round(String name, Fault fault, long n, int strikes, Operation operation)
      throws Exception {
    rounds++;
    int[] met = {-1};
    Throwable[] thrown = {null};
    String problem = inTime(operation::before);
    if (problem == null) {
      problem =
          inTime(
              () -> {
                Faults.arm(fault, n, strikes);
                try {
                  operation.run();
                } catch (Throwable e) {
                  thrown[0] = e;
                } finally {
                  met[0] = Faults.disarm();
                }
              });
    }
    if (problem == null) {
      problem = inTime(() -> operation.after(thrown[0]));
    }
    weaver.check();
    if (problem != null) {
      String where = met[0] < 0 ? "no point" : weaver.describe(met[0]);
      lost.add(
          name
              + ", "
              + fault
              + " x"
              + strikes
              + " at step "
              + n
              + ", "
              + where
              + ": "
              + problem
              + " (thrown: "
              + thrown[0]
              + ")");
      if (lost.size() >= 40) {
        throw new AssertionError(report());
      }
    }
    return met[0] >= 0;
  }

  private interface Part {
    void run() throws Exception;
  }

  /** Each part has a thread of its own, since an earlier one may be stuck. */
  private String inTime(Part part) throws InterruptedException {
    var done =
        threads.submit(
            () -> {
              try {
                part.run();
              } finally {
                Thread.interrupted();
              }
              return null;
            });
    try {
      done.get(SECONDS, TimeUnit.SECONDS);
      return null;
    } catch (TimeoutException e) {
      done.cancel(true);
      return "stuck";
    } catch (ExecutionException e) {
      StackTraceElement[] trace = e.getCause().getStackTrace();
      return e.getCause() + (trace.length == 0 ? "" : " at " + trace[0]);
    }
  }

  /** How much was tried, and what was lost. */
  public String report() {
    StringBuilder text = new StringBuilder();
    text.append("points ").append(Faults.reached()).append(" of ").append(weaver.points());
    text.append(", operations ").append(operations).append(", rounds ").append(rounds);
    text.append(": ").append(lost.size()).append(" lost");
    for (String each : lost) {
      text.append('\n').append(each);
    }
    return text.toString();
  }

  /** Fails if anything was lost. */
  public void verify() {
    if (!lost.isEmpty()) {
      String text = report();
      lost.clear(); // The next operation answers for its own.
      throw new AssertionError(text);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
