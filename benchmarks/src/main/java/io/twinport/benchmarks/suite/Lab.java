package io.twinport.benchmarks.suite;

import io.twinport.benchmarks.ends.Api;
import io.twinport.benchmarks.ends.Message;
import io.twinport.benchmarks.ends.Service;
import io.twinport.benchmarks.ends.Setting;
import io.twinport.benchmarks.ends.Setting.Surroundings;
import io.twinport.benchmarks.ends.Transport;
import io.twinport.benchmarks.ends.WorkerProcess;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;

/** Where the processes of a step come from; none outlives its step. Any thread may close it. */
final class Lab implements AutoCloseable {
  private static final String ENDED = "the run has been ended";

  private final Plan plan;
  private final List<WorkerProcess> workers = new ArrayList<>();
  private Quota quota;
  private boolean closed;

  Lab(Plan plan) {
    this.plan = plan;
  }

  Plan plan() {
    return plan;
  }

  /** A server and a client that is ready to be asked, as the setting says. */
  Pair pair(Setting setting) throws IOException, Unavailable {
    // Both at once: most of a start is waiting.
    boolean agent = setting.transport() == Transport.SAN;
    WorkerProcess server = start(setting, true, agent);
    WorkerProcess client = start(setting, false, agent);
    ready(server);
    ready(client);
    if (setting.surroundings() == Surroundings.BUSY) {
      WorkerProcess load = worker(List.of(), List.of());
      load.ask(new Message("burn").with("threads", Runtime.getRuntime().availableProcessors()));
    }
    return new Pair(plan, setting, server, client);
  }

  /** A process of one end. */
  WorkerProcess start(Setting setting, boolean server, boolean agent)
      throws IOException, Unavailable {
    List<String> prefix = new ArrayList<>(places(setting, server));
    if (setting.surroundings() == Surroundings.QUOTA) {
      prefix.addAll(quota().prefix());
    }
    return worker(prefix, agent ? agentOptions(setting) : List.of());
  }

  private static List<String> places(Setting setting, boolean server) throws Unavailable {
    try {
      setting.pin().check();
      return server ? setting.pin().serverPrefix() : setting.pin().clientPrefix();
    } catch (IOException e) {
      throw new Unavailable(e.getMessage());
    }
  }

  private synchronized WorkerProcess worker(List<String> prefix, List<String> options)
      throws IOException {
    if (closed) {
      throw new IOException(ENDED);
    }
    Redirect errors = Redirect.appendTo(plan.log().toFile());
    WorkerProcess worker = WorkerProcess.start(prefix, options, errors);
    workers.add(worker);
    return worker;
  }

  /** The options of a JVM with the agent. */
  List<String> agentOptions(Setting setting) {
    List<String> options = new ArrayList<>(plan.options());
    if (!setting.options().isEmpty()) {
      options.add("-Dtwinport." + setting.options());
    }
    options.add("-javaagent:" + plan.agent());
    return options;
  }

  /** Waits until a worker answers: it has started then. */
  static void ready(WorkerProcess worker) throws IOException {
    worker.ask(new Message("allocated"));
  }

  /** Half a processor for all processes that begin with its prefix. */
  synchronized Quota quota() throws IOException, Unavailable {
    if (closed) {
      throw new IOException(ENDED);
    }
    if (quota == null) {
      quota = Quota.create();
    }
    return quota;
  }

  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    for (WorkerProcess worker : workers) {
      worker.close();
    }
    if (quota != null) {
      quota.close();
    }
  }

  /**
   * A server and a client.
   *
   * @param plan how long is measured
   * @param setting of both
   * @param server the process that serves
   * @param client the process that measures
   */
  record Pair(Plan plan, Setting setting, WorkerProcess server, WorkerProcess client) {
    /** Has the server serve, and returns its address. */
    String serve(Service service, Api api) throws IOException {
      return server.serve(service, setting.api(api), setting.transport());
    }

    /** A request to the client, for so long as the plan says. */
    Message request(String word, Api api, String address) {
      return new Message(word)
          .with("transport", setting.transport())
          .with("api", setting.api(api))
          .with("address", address)
          .with("warmup", plan.warmupMillis())
          .with("slices", plan.slices())
          .with("millis", plan.sliceMillis());
    }

    /** Round trips back to back, for so long as the plan says. */
    Message roundTrips(Api api, String address, int size) throws IOException {
      return client.ask(request("roundtrip", api, address).with("size", size).with("rate", 0));
    }
  }
}
