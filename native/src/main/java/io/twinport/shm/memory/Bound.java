package io.twinport.shm.memory;

import java.util.concurrent.atomic.AtomicLong;

/** How much of something this process may have for the sake of the SAN, and how much it has. */
public final class Bound {
  private final long most;
  private final AtomicLong used = new AtomicLong();
  private final AtomicLong met = new AtomicLong();

  Bound(long most) {
    this.most = most;
  }

  /** Takes {@code amount} if it is there. */
  public boolean tryReserve(long amount) {
    long before = used.getAndAdd(amount);
    if (before + amount <= most) {
      return true;
    }
    used.addAndGet(-amount);
    met.incrementAndGet();
    return false;
  }

  /** Takes {@code amount} past the bound: what exists must not stand still. */
  public void reserve(long amount) {
    used.addAndGet(amount);
  }

  /** Gives back what was reserved. */
  public void release(long amount) {
    used.addAndGet(-amount);
  }

  /** Whether {@code amount} is left. */
  public boolean hasRoomFor(long amount) {
    return used.get() + amount <= most;
  }

  public long used() {
    return used.get();
  }

  public long most() {
    return most;
  }

  /** How often something was refused for it. */
  long met() {
    return met.get();
  }
}
