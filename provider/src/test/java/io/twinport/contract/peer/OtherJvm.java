package io.twinport.contract.peer;

import io.twinport.contract.peer.ObjectPipes.Frame;
import io.twinport.contract.support.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The other JVM, started as this one was: same JDK, options and class path. It ends with this one.
 */
public final class OtherJvm {
  private static final Map<Thread, Waiting> WAITING = new ConcurrentHashMap<>();

  private final Process process;
  private final AtomicLong lastId = new AtomicLong(PeerProcess.SELF);
  private final Map<Long, CompletableFuture<Frame>> pending = new ConcurrentHashMap<>();
  private final Remote<PeerProcess> self = new Remote<>(this, PeerProcess.SELF);
  private final ObjectPipes frames;

  private record Waiting(OtherJvm peer, long id) {}

  /**
   * The two hosts that the JVMs are on.
   *
   * @param through the command that starts another one on the other host
   */
  public record Hosts(InetAddress here, InetAddress there, List<String> through) {}

  private final Hosts hosts;

  private OtherJvm(Process process, Hosts hosts) {
    this.process = process;
    this.hosts = hosts;
    frames = new ObjectPipes(process.getInputStream(), process.getOutputStream());
  }

  /**
   * Starts the other JVM.
   *
   * @param hosts null if it is to be on this host
   */
  public static OtherJvm start(Hosts hosts) {
    List<String> command = new ArrayList<>(hosts == null ? List.of() : hosts.through());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(PeerProcess.class.getName());
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      OtherJvm peer = new OtherJvm(process, hosts);
      Thread reader = new Thread(peer::readReplies, "contract-peer");
      reader.setDaemon(true);
      reader.start();
      return peer;
    } catch (IOException e) {
      throw new UncheckedIOException("can't start " + String.join(" ", command), e);
    }
  }

  /** The hosts that the JVMs are on; null if it is one. */
  Hosts hosts() {
    return hosts;
  }

  /** The other process itself, to be asked for other objects. */
  Remote<PeerProcess> self() {
    return self;
  }

  /**
   * What {@code thread} does: if it waits for a call of the other process, what the thread does
   * that runs it there.
   */
  public static StackTraceElement[] stackOf(Thread thread) {
    Waiting waiting = WAITING.get(thread);
    if (waiting == null) {
      return thread.getStackTrace();
    }
    long id = waiting.id;
    try {
      return waiting.peer.self.call(process -> process.stackOf(id));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether {@code channel} is one of the other process. */
  public static boolean isThere(SocketChannel channel) {
    return channel instanceof PeerSocketChannel;
  }

  /** Runs {@code task} in the other process, with the channel that {@code channel} stands for. */
  public static <R> R at(SocketChannel channel, Task<R> task) throws IOException {
    return ((PeerSocketChannel) channel).call(there -> task.on(there, SelectorProvider.provider()));
  }

  long nextId() {
    return lastId.incrementAndGet();
  }

  Object call(long id, Request request) throws IOException {
    CompletableFuture<Frame> answer = new CompletableFuture<>();
    pending.put(id, answer);
    try {
      frames.write(id, request);
      Reply reply = (Reply) await(id, answer).content();
      if (reply.failure() != null) {
        throw rethrown(reply.failure());
      }
      return reply.result();
    } catch (ClassNotFoundException e) {
      throw new AssertionError("both JVMs have one class path", e);
    } finally {
      pending.remove(id);
    }
  }

  /** Waits for the reply; an interrupt goes to the thread that runs the call there. */
  private Frame await(long id, CompletableFuture<Frame> answer) throws IOException {
    Waiting outer = WAITING.put(Thread.currentThread(), new Waiting(this, id));
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return answer.get();
        } catch (InterruptedException e) {
          interrupted = true;
          self.call(process -> process.interrupt(id));
        } catch (ExecutionException e) {
          throw new IOException("the other JVM is gone", e.getCause());
        }
      }
    } finally {
      if (outer == null) {
        WAITING.remove(Thread.currentThread());
      } else {
        WAITING.put(Thread.currentThread(), outer);
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What a call threw there, with the stack of this thread below that of the other. */
  private static IOException rethrown(Throwable failure) {
    StackTraceElement[] there = failure.getStackTrace();
    StackTraceElement[] here = new Throwable().getStackTrace();
    StackTraceElement[] both = Arrays.copyOf(there, there.length + here.length);
    System.arraycopy(here, 0, both, there.length, here.length);
    failure.setStackTrace(both);
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    return failure instanceof IOException e ? e : new IOException(failure);
  }

  private void readReplies() {
    try {
      while (true) {
        Frame frame = frames.read();
        CompletableFuture<Frame> answer = pending.get(frame.id());
        if (answer != null) {
          answer.complete(frame);
        }
      }
    } catch (IOException e) {
      process.destroy();
      // Who registers later than this fails to write: the pipe has no reader any more.
      pending.values().forEach(answer -> answer.completeExceptionally(e));
    }
  }
}
