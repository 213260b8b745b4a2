package io.twinport.it.support;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.Out;

/**
 * A bad line between two network namespaces: it delays every packet, loses some, and can be cut
 * without anybody being told. An interface in each of them ({@code tun(4)}), and threads of this
 * JVM that carry packets between the two; many kernels have no {@code netem} that could do it.
 */
public final class LossyLine implements Closeable {
  /** The name of the interface at either end. */
  static final String INTERFACE = "wire0";

  /** As networks inside a data centre have it. */
  public static final int MTU = 9000;

  /** What a line holds that is as long as the delay; behind that, packets are dropped. */
  private static final int MOST_PACKETS = 20_000;

  private static final int POLL_MILLIS = 20;
  private static final int O_RDWR_NONBLOCK_CLOEXEC = 0x2 | 0x800 | 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;
  private static final long TUNSETIFF = 0x400454caL;
  private static final short IFF_TUN_NO_PI = 0x1001;
  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_FLAGS = 16;
  private static final short POLLIN = 1;

  /** The functions as C has them. */
  public interface LibC {
    int open(String path, int flags);

    int close(int fd);

    int setns(int fd, int type);

    int ioctl(int fd, long request, ByteBuffer argument);

    int poll(ByteBuffer fds, long count, int millis);

    long read(int fd, @Out ByteBuffer buffer, long length);

    long write(int fd, ByteBuffer buffer, long length);
  }

  private static final class Packet {
    final byte[] bytes;
    final long due;

    Packet(byte[] bytes, long due) {
      this.bytes = bytes;
      this.due = due;
    }
  }

  private final LibC libc;
  private final int[] ends = new int[2];
  private final Thread[] threads = new Thread[4];
  private final long delayNanos;
  private final double loss;
  private final AtomicLong lost = new AtomicLong();
  private volatile boolean cut;
  private volatile boolean closed;

  /**
   * @param delay how long a packet takes, one way
   * @param loss the share of the packets that are lost, each way
   */
  LossyLine(NetworkNamespace one, NetworkNamespace other, Duration delay, double loss)
      throws IOException {
    libc = load();
    delayNanos = delay.toNanos();
    this.loss = loss;
    ends[0] = device(one.file());
    ends[1] = device(other.file());
    for (int from = 0; from < 2; from++) {
      BlockingQueue<Packet> line = new LinkedBlockingQueue<>(MOST_PACKETS);
      int in = ends[from];
      int out = ends[1 - from];
      long seed = 17L + from;
      threads[2 * from] = start(() -> take(in, line, new SplittableRandom(seed)));
      threads[2 * from + 1] = start(() -> give(out, line));
    }
  }

  /** Nothing comes through any more, and nobody is told. */
  void cut() {
    cut = true;
  }

  /** How many packets were lost so far. */
  long lost() {
    return lost.get();
  }

  private static LibC load() {
    System.setProperty("jffi.unsafe.disabled", "true"); // Later JDKs warn of it.
    return LibraryLoader.create(LibC.class).failImmediately().load("c");
  }

  /** Makes an interface in a namespace, on a thread of its own: it is left there. */
  private int device(Path namespace) throws IOException {
    FutureTask<Integer> task =
        new FutureTask<>(
            () -> {
              int file = check(libc.open(namespace.toString(), O_RDWR_NONBLOCK_CLOEXEC & ~2));
              check(libc.setns(file, CLONE_NEWNET));
              libc.close(file);
              int fd = check(libc.open("/dev/net/tun", O_RDWR_NONBLOCK_CLOEXEC));
              ByteBuffer request = memory(IFREQ_BYTES);
              request.put(INTERFACE.getBytes(StandardCharsets.US_ASCII));
              request.putShort(IFREQ_FLAGS, IFF_TUN_NO_PI);
              check(libc.ioctl(fd, TUNSETIFF, request.clear()));
              return fd;
            });
    start(task);
    try {
      return task.get();
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IOException("no tun device", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static Thread start(Runnable task) {
    Thread thread = new Thread(task, "wire");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private int check(int result) throws IOException {
    if (result < 0) {
      throw new IOException("errno " + Runtime.getRuntime(libc).getLastError());
    }
    return result;
  }

  private static ByteBuffer memory(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private void take(int fd, BlockingQueue<Packet> line, SplittableRandom chance) {
    ByteBuffer buffer = memory(MTU);
    ByteBuffer poll = memory(8).putInt(0, fd).putShort(4, POLLIN);
    while (!closed) {
      long length = libc.read(fd, buffer.clear(), MTU);
      if (length <= 0) {
        libc.poll(poll, 1, POLL_MILLIS);
      } else if (!cut && chance.nextDouble() >= loss) {
        byte[] bytes = new byte[(int) length];
        buffer.get(0, bytes);
        // Where there is no room the packet is lost, as it would be anywhere.
        if (!line.offer(new Packet(bytes, System.nanoTime() + delayNanos))) {
          lost.incrementAndGet();
        }
      } else {
        lost.incrementAndGet();
      }
    }
  }

  private void give(int fd, BlockingQueue<Packet> line) {
    ByteBuffer buffer = memory(MTU);
    try {
      while (!closed) {
        Packet next = line.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (next != null) {
          TimeUnit.NANOSECONDS.sleep(next.due - System.nanoTime());
          if (!cut) {
            libc.write(fd, buffer.clear().put(next.bytes).flip(), next.bytes.length);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (int end : ends) {
      libc.close(end);
    }
  }
}
