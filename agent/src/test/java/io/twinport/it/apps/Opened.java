package io.twinport.it.apps;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** What was opened by now, by name, and what is to be seen of each when it goes on. */
final class Opened {
  static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  static final InetSocketAddress ANY_PORT = new InetSocketAddress(LOOPBACK, 0);

  private final Map<String, Callable<Object>> rest = new LinkedHashMap<>();

  /** Remembers how something goes on; the result is for comparison. */
  void add(String name, Callable<Object> goingOn) {
    rest.put(name, goingOn);
  }

  /** Lets everything go on, and tells what was seen, a line for each. */
  String goOn() {
    StringBuilder seen = new StringBuilder();
    rest.forEach((name, goingOn) -> seen.append(name + ": " + outcome(goingOn) + "; "));
    rest.clear();
    return seen.toString();
  }

  /** The result, or the exception with its message. */
  static String outcome(Callable<Object> task) {
    try {
      FutureTask<Object> done = new FutureTask<>(task);
      daemon(done);
      return String.valueOf(done.get(60, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return String.valueOf(e.getCause());
    } catch (Exception e) {
      return String.valueOf(e);
    }
  }

  /** Starts a task and returns when its thread is inside a method of that name that waits. */
  static FutureTask<Object> blocked(String method, Callable<Object> task)
      throws InterruptedException {
    FutureTask<Object> started = new FutureTask<>(task);
    Thread thread = daemon(started);
    int waiting = 0;
    while (waiting < 5 && !started.isDone()) { // Seen there five times, it has come as far.
      waiting = isIn(thread, method) ? waiting + 1 : 0;
      Thread.sleep(10);
    }
    return started;
  }

  private static boolean isIn(Thread thread, String method) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getMethodName().equals(method)) {
        return true;
      }
    }
    return false;
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Sends a byte each way and closes both; returns what arrived. */
  static String talk(Socket one, Socket other) throws IOException {
    try (one;
        other) {
      one.setSoTimeout(10_000);
      other.setSoTimeout(10_000);
      return pass(one.getOutputStream(), other.getInputStream(), 7)
          + " "
          + pass(other.getOutputStream(), one.getInputStream(), 8);
    }
  }

  static String pass(OutputStream out, InputStream in, int value) throws IOException {
    out.write(value);
    return Integer.toString(in.read());
  }
}
