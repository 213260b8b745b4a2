package io.twinport.contract.peer;

import io.twinport.contract.peer.ObjectPipes.Frame;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The program of the other JVM: runs the calls that come in, each on a thread of its own. */
public final class PeerProcess {
  /** The id of the process itself among its objects. */
  static final long SELF = 0;

  private final Map<Long, Object> objects = new ConcurrentHashMap<>();
  private final Map<Long, Thread> running = new ConcurrentHashMap<>();

  private final ObjectPipes frames;

  private PeerProcess(ObjectPipes frames) {
    this.frames = frames;
    objects.put(SELF, this);
  }

  /** Serves until standard input ends. */
  public static void main(String[] arguments) throws Exception {
    try (ObjectPipes frames =
        new ObjectPipes(System.in, new FileOutputStream(FileDescriptor.out))) {
      System.setOut(System.err); // Whoever prints must not disturb the replies.
      new PeerProcess(frames).serve();
    }
  }

  private void serve() throws IOException {
    ExecutorService threads =
        Executors.newCachedThreadPool(
            body -> {
              Thread thread = new Thread(body, "contract-call");
              thread.setDaemon(true);
              return thread;
            });
    try {
      while (true) {
        Frame frame = frames.read();
        threads.execute(() -> run(frame));
      }
    } catch (EOFException end) {
      threads.shutdown();
    }
  }

  private void run(Frame frame) {
    running.put(frame.id(), Thread.currentThread());
    Reply reply;
    try {
      Request request = (Request) frame.content();
      if (request.interrupted()) {
        Thread.currentThread().interrupt();
      }
      Object result = apply(request);
      if (request.keeps()) {
        if (result != null) {
          objects.put(frame.id(), result);
        }
        reply = new Reply(result != null, null);
      } else {
        reply = new Reply(result, null);
      }
    } catch (Throwable failure) {
      reply = new Reply(null, failure);
    } finally {
      running.remove(frame.id());
      // An interrupt that came too late for the call is not for the next one on this thread.
      Thread.interrupted();
    }
    try {
      frames.write(frame.id(), reply);
    } catch (IOException e) {
      answerWithout(frame.id(), e);
    }
  }

  /** Tells why there is no answer: what was to be told can't be serialized. */
  private void answerWithout(long id, IOException reason) {
    try {
      frames.write(id, new Reply(null, reason));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // The pipe is gone, and with it whom to tell.
    }
  }

  @SuppressWarnings("unchecked") // The caller's handle had the object's type.
  private Object apply(Request request) throws Exception {
    return ((Call<Object, ?>) request.call()).on(objects.get(request.target()));
  }

  Void interrupt(long call) {
    Thread thread = running.get(call);
    if (thread != null) {
      thread.interrupt();
    }
    return null;
  }

  StackTraceElement[] stackOf(long call) {
    Thread thread = running.get(call);
    return thread == null ? new StackTraceElement[0] : thread.getStackTrace();
  }
}
