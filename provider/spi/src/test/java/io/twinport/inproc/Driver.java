package io.twinport.inproc;

import io.twinport.spi.SanTarget;
import io.twinport.spi.Seat;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Who posts and who decides about connects: the calling thread, or, as with a network whose library
 * moves only while somebody calls it, a thread of the provider's own, later.
 */
final class Driver {
  private final LinkedBlockingQueue<Runnable> tasks;

  private Driver(LinkedBlockingQueue<Runnable> tasks) {
    this.tasks = tasks;
  }

  static Driver inCaller() {
    return new Driver(null);
  }

  static Driver ownThread() {
    Driver driver = new Driver(new LinkedBlockingQueue<>());
    Thread thread = new Thread(driver::drive, "inproc-driver");
    thread.setDaemon(true);
    thread.start();
    return driver;
  }

  private void drive() {
    while (true) {
      try {
        tasks.take().run();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  void run(Runnable task) {
    if (tasks == null) {
      task.run();
    } else {
      tasks.add(task);
    }
  }

  void post(Seat seat, SanTarget target) {
    if (seat == null) {
      return;
    }
    if (tasks == null) {
      seat.post(target);
    } else {
      tasks.add(() -> seat.post(target));
    }
  }
}
