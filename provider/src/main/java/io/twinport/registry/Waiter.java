package io.twinport.registry;

/**
 * Who waits for a connection or a listener now.
 *
 * @param name the thread's; of a selector, the thread that selects with it, or empty if none does
 * @param asleep whether it sleeps; if not, it is at work, or spins
 * @param slept how often a selector has slept so far, for whatever it waits for; else 0
 * @param woken how often such a sleep was ended by a peer
 * @param spun how often it has found something before it slept
 */
public record Waiter(Kind kind, String name, boolean asleep, long slept, long woken, long spun) {
  /** What it is. */
  public enum Kind {
    THREAD,
    SELECTOR,
    GROUP
  }

  /** A thread that is in a blocking call, whose waits its direction counts. */
  public static Waiter thread(Thread thread, boolean asleep) {
    String name = thread.getName();
    String shown = name.isEmpty() ? "thread " + thread.getId() : name;
    return new Waiter(Kind.THREAD, shown, asleep, 0, 0, 0);
  }

  /** The threads of an asynchronous channel's group. */
  public static Waiter group() {
    return new Waiter(Kind.GROUP, "", true, 0, 0, 0);
  }
}
