package io.twinport.agent.processes;

import io.twinport.agent.control.ControlJson;
import io.twinport.agent.control.ControlName;
import io.twinport.agent.control.ControlPeer;
import io.twinport.config.Log;
import io.twinport.jdk.NamedSocket;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks other processes, on behalf of the commands. */
public final class ControlClient {
  private static final int LONGEST_ANSWER = 256 << 20;

  /** Longer than a process that answers others first may take. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private ControlClient() {}

  /**
   * The processes that a user may mean.
   *
   * @param target a process id, as seen here or as the process itself sees it, or the random id
   *     behind that; null for all
   * @throws IOException if the kernel does not tell which there are
   */
  public static List<ControlName> find(String target) throws IOException {
    return target == null ? ControlName.all() : ProcessNames.withTwinport(target);
  }

  /**
   * Asks all of them at once; the answers are in their order. A process that can't be asked has
   * {@code pid}, {@code id} and {@code error} for an answer.
   */
  public static List<Map<String, Object>> ask(List<ControlName> processes, String request) {
    List<FutureTask<Map<String, Object>>> asked = new ArrayList<>();
    for (ControlName process : processes) {
      FutureTask<Map<String, Object>> task = new FutureTask<>(() -> ask(process, request));
      // A thread each: a process that is stopped with a full backlog blocks connect for good.
      Thread thread = new Thread(task, "ask-" + process.id());
      thread.setDaemon(true);
      thread.start();
      asked.add(task);
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<Map<String, Object>> answers = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      answers.add(answer(asked.get(i), deadline, processes.get(i)));
    }
    return answers;
  }

  /**
   * Asks a process on a connection that stays open; what it answers is read there.
   *
   * @throws SocketTimeoutException if it takes no more requests
   * @throws IOException if it can't be asked; the message is for the user
   */
  public static NamedSocket open(ControlName process, String request) throws IOException {
    FutureTask<NamedSocket> task = new FutureTask<>(() -> NamedSocket.connect(process.name()));
    Thread thread = new Thread(task, "ask-" + process.id()); // As above.
    thread.setDaemon(true);
    thread.start();
    NamedSocket connection;
    try {
      connection = task.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new SocketTimeoutException("does not answer");
    } catch (ExecutionException e) {
      throw new IOException(
          "process " + process.pid() + " can't be asked: " + Log.cause(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("process " + process.pid() + " was not asked: interrupted", e);
    }
    boolean asked = false;
    try {
      if (!ControlPeer.mayBeAsked(connection)) {
        throw new IOException("process " + process.pid() + " runs as another user");
      }
      connection.write(request + "\n", PATIENCE);
      asked = true;
      return connection;
    } finally {
      if (!asked) {
        connection.close();
      }
    }
  }

  private static Map<String, Object> answer(
      FutureTask<Map<String, Object>> task, long deadline, ControlName process) {
    try {
      return task.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return failure(process, "does not answer");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      boolean hangs = cause instanceof SocketTimeoutException;
      return failure(process, hangs ? "does not answer" : "can't be asked: " + Log.cause(cause));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failure(process, "was not asked: interrupted");
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> ask(ControlName process, String request) throws IOException {
    try (NamedSocket connection = NamedSocket.connect(process.name())) {
      // Anyone may take such a name; what another user says there is not to be shown as fact.
      if (!ControlPeer.mayBeAsked(connection)) {
        return failure(process, "runs as another user; ask as that user, or as root");
      }
      connection.write(request + "\n", PATIENCE);
      String answer = connection.readAll(LONGEST_ANSWER, PATIENCE);
      if (answer.isEmpty()) {
        return failure(process, "gave no answer");
      }
      if (!(ControlJson.parse(answer) instanceof Map<?, ?> map)) {
        return failure(process, "gave an answer that is none");
      }
      return (Map<String, Object>) map;
    } catch (IllegalArgumentException e) {
      return failure(process, "gave an answer that can't be read: " + e.getMessage());
    }
  }

  private static Map<String, Object> failure(ControlName process, String what) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("pid", process.pid());
    answer.put("id", process.id());
    answer.put("error", what);
    return answer;
  }
}
