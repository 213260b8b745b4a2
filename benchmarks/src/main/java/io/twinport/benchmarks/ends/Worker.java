package io.twinport.benchmarks.ends;

import com.sun.management.ThreadMXBean;
import io.twinport.benchmarks.applications.Application;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The program of a process of its own: a server, a client, or load. It does what its standard input
 * says, a {@link Message} on each line, answers each on its standard output, and ends when its
 * standard input does: so none is left behind.
 */
public final class Worker {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int RING_BYTES = 64;

  private Crowd crowd;
  private Load load;

  private Worker() {}

  /** Runs the program. It takes no arguments. */
  public static void main(String[] args) throws InterruptedException {
    PrintStream answers = System.out;
    // What anybody else prints must not look like an answer.
    System.setOut(System.err);
    BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> read(requests), "requests");
    reader.setDaemon(true);
    reader.start();
    Worker worker = new Worker();
    while (true) {
      Message answer = worker.answer(requests.take());
      answers.println(answer);
      answers.flush();
    }
  }

  /** Apart from the thread that works: the end of the parent must not wait for it. */
  private static void read(BlockingQueue<String> requests) {
    int status = 0;
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      String line;
      while ((line = in.readLine()) != null) {
        requests.add(line);
      }
    } catch (IOException e) {
      e.printStackTrace();
      status = 1;
    }
    Runtime.getRuntime().halt(status);
  }

  private Message answer(String line) {
    try {
      return perform(Message.parse(line));
    } catch (Exception e) {
      e.printStackTrace();
      return new Message(Message.FAILED).with("why", e);
    }
  }

  private Message perform(Message request) throws Exception {
    return switch (request.word()) {
      case "serve" -> serve(request);
      case "roundtrip" -> roundTrip(request);
      case "beside" -> besideRing(request);
      case "cost" -> cost(request);
      case "stream" -> stream(request);
      case "greet" -> greet(request);
      case "first" -> first(request);
      case "connects" -> connects(request);
      case "file" -> file(request);
      case "application" -> application(request);
      case "load" -> load(request);
      case "open" -> open(request);
      case "crowd" -> crowd(request);
      case "burst" -> burst(request);
      case "allocated" -> new Message(Message.OK).with("bytes", allocatedByOthers());
      case "heap" -> new Message(Message.OK).with("bytes", heap());
      case "burn" -> burn(request);
      default -> throw new IllegalArgumentException("no such request: " + request);
    };
  }

  private static Message serve(Message request) throws IOException {
    Service service = Service.valueOf(request.text("service"));
    Server server = api(request).serve(service, request.text("address"));
    daemon("server", server::serve);
    return new Message(Message.OK).with("address", server.address());
  }

  private interface Body {
    void run() throws IOException;
  }

  /** Starts a thread; if it fails, the process ends: who waits for it is told. */
  private static void daemon(String name, Body body) {
    Thread thread =
        new Thread(
            () -> {
              try {
                body.run();
              } catch (IOException | RuntimeException e) {
                e.printStackTrace();
                Runtime.getRuntime().halt(1);
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  private static Api api(Message request) {
    return Api.valueOf(request.text("api"));
  }

  /** Asks the kernel which path was taken. A connection must be open. */
  private static void verify(Message request) throws IOException {
    WorkerProcess.verify(request.text("address"), Transport.valueOf(request.text("transport")));
  }

  private static Message roundTrip(Message request) throws Exception {
    long perSecond = request.number("rate");
    Pace pace = Pace.of(request);
    try (Exchange exchange =
        new Exchange(api(request), request.text("address"), (int) request.number("size"))) {
      verify(request);
      Message answer;
      if (perSecond > 0) {
        answer = pace.paced(exchange::roundTrip, perSecond);
      } else {
        answer = pace.latencies(exchange::roundTrip, () -> {}, 0);
      }
      verify(request);
      return answer;
    }
  }

  /** Round trips in turns with those of a bare ring to the same server, which are of 64 bytes. */
  private static Message besideRing(Message request) throws Exception {
    try (Exchange exchange =
            new Exchange(api(request), request.text("address"), (int) request.number("size"));
        Exchange ring = new Exchange(Api.MEMORY, request.text("ring"), RING_BYTES)) {
      verify(request);
      double[][] medians = Pace.of(request).mediansInTurns(exchange::roundTrip, ring::roundTrip);
      return new Message(Message.OK).with("own", medians[0]).with("ring", medians[1]);
    }
  }

  /** The processor time of both ends for 1,000 round trips at a given pace, in microseconds. */
  private static Message cost(Message request) throws Exception {
    long perSecond = request.number("rate");
    long server = request.number("server");
    Pace pace = Pace.of(request);
    try (Exchange exchange =
        new Exchange(api(request), request.text("address"), (int) request.number("size"))) {
      verify(request);
      // Back to back: at a slow pace the compilers would be busy during what is measured.
      new Pace(0, 1, pace.warmupNanos()).rates(exchange::roundTrip);
      cost(exchange::roundTrip, perSecond, pace.warmupNanos(), server);
      double[] costs = new double[pace.slices()];
      double[] backgrounds = new double[pace.slices()];
      double[] rates = new double[pace.slices()];
      for (int i = 0; i < costs.length; i++) {
        // What JVMs do of their own accord, and has nothing to do with what is measured.
        backgrounds[i] = cost(() -> {}, perSecond, pace.sliceNanos(), server);
        long begin = System.nanoTime();
        costs[i] = cost(exchange::roundTrip, perSecond, pace.sliceNanos(), server) - backgrounds[i];
        rates[i] = Math.max(1, pace.sliceNanos() * perSecond / 1_000_000_000);
        rates[i] *= 1e9 / (System.nanoTime() - begin);
      }
      return new Message(Message.OK)
          .with("cpu", costs)
          .with("background", backgrounds)
          .with("rate", rates);
    }
  }

  /**
   * Returns the processor nanoseconds of both ends for one operation at a pace. What it takes this
   * thread to keep the pace is more, at 100 a second, and is not in it.
   */
  private static double cost(Pace.Operation operation, long perSecond, long nanos, long server)
      throws Exception {
    long[] own = new long[1];
    long before = othersNanos(server);
    double count =
        new Pace(0, 1, nanos)
            .paced(
                () -> {
                  long begin = THREADS.getCurrentThreadCpuTime();
                  operation.run();
                  own[0] += THREADS.getCurrentThreadCpuTime() - begin;
                },
                perSecond)
            .numbers("count")[0];
    return (own[0] + othersNanos(server) - before) / count;
  }

  /** The processor time of this process and the server's, but for this thread and compilers. */
  static long othersNanos(long server) throws IOException {
    return ProcessorTime.ofOthers(ProcessHandle.current().pid()) + ProcessorTime.ofOthers(server);
  }

  private static Message stream(Message request) throws Exception {
    int size = (int) request.number("size");
    try (Stream stream = new Stream(api(request), request.text("address"), size)) {
      verify(request);
      double[] rates = Pace.of(request).rates(stream::write);
      stream.finish();
      for (int i = 0; i < rates.length; i++) {
        rates[i] *= size / 1e6;
      }
      return new Message(Message.OK).with("rate", rates);
    }
  }

  private static Message greet(Message request) throws Exception {
    Greeting greeting = new Greeting(api(request), request.text("address"));
    look(greeting, request);
    Message answer =
        Pace.of(request)
            .latencies(greeting::connect, greeting::leave, request.number("pause") * 1_000);
    look(greeting, request);
    return answer;
  }

  private static void look(Greeting greeting, Message request) throws IOException {
    greeting.connect();
    verify(request);
    greeting.leave();
  }

  private static Message first(Message request) throws IOException {
    Greeting greeting = new Greeting(api(request), request.text("address"));
    long begin = System.nanoTime();
    greeting.connect();
    double micros = (System.nanoTime() - begin) / 1e3;
    verify(request);
    greeting.leave();
    return new Message(Message.OK).with("micros", new double[] {micros});
  }

  private static Message connects(Message request) throws Exception {
    int threads = (int) request.number("threads");
    Pace pace = Pace.of(request);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<double[]>> tasks = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        Greeting greeting = new Greeting(api(request), request.text("address"));
        if (i == 0) {
          look(greeting, request);
        }
        tasks.add(
            () ->
                pace.rates(
                    () -> {
                      greeting.connect();
                      greeting.leave();
                    }));
      }
      double[] sum = new double[pace.slices()];
      for (Future<double[]> task : pool.invokeAll(tasks)) {
        double[] rates = task.get();
        for (int i = 0; i < sum.length; i++) {
          sum[i] += rates[i];
        }
      }
      return new Message(Message.OK).with("rate", sum);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      pool.shutdownNow();
    }
  }

  private static Message file(Message request) throws Exception {
    try (Download download = new Download(request.text("address"))) {
      verify(request);
      double[] rates = Pace.of(request).rates(download::receive);
      for (int i = 0; i < rates.length; i++) {
        rates[i] *= BlockingServer.FILE_BYTES / 1e6;
      }
      return new Message(Message.OK).with("rate", rates);
    }
  }

  private static Message application(Message request) throws Exception {
    int port = Application.valueOf(request.text("application")).serve();
    return new Message(Message.OK).with("address", port);
  }

  /** Has clients send requests, from now on, and times them. */
  private Message load(Message request) throws Exception {
    if (load == null) {
      load =
          new Load(
              Application.valueOf(request.text("application")),
              Address.port(request.text("address")),
              (int) request.number("connections"));
    }
    Message answer = load.measure(Pace.of(request), request.number("server"));
    verify(request);
    return answer;
  }

  /** Opens connections that stay open, until there are so many. */
  private Message open(Message request) throws IOException {
    if (crowd == null) {
      crowd = new Crowd(api(request), request.text("address"), (int) request.number("size"));
    }
    crowd.grow((int) request.number("count"));
    verify(request);
    return new Message(Message.OK);
  }

  /** Times round trips on all active connections at once. */
  private Message crowd(Message request) throws Exception {
    int active = (int) request.number("active");
    return Pace.of(request).latencies(() -> crowd.roundTrips(active), () -> {}, 0);
  }

  /** So many round trips on all active connections, and what this thread allocated for them. */
  private Message burst(Message request) throws IOException {
    int active = (int) request.number("active");
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (long i = request.number("count"); i > 0; i--) {
      crowd.roundTrips(active);
    }
    return new Message(Message.OK).with("bytes", THREADS.getCurrentThreadAllocatedBytes() - before);
  }

  private static long allocatedByOthers() {
    long sum = 0;
    for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
      sum += Math.max(bytes, 0);
    }
    return sum - THREADS.getCurrentThreadAllocatedBytes();
  }

  /**
   * The bytes of all objects that are alive, counted one by one: what the collector says is in use
   * after it has run is that at one time and megabytes more at another.
   */
  private static long heap() throws JMException {
    // What this finds dead may free more through its cleaners; the count collects once more.
    System.gc();
    String classes =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {null},
                    new String[] {String[].class.getName()});
    String total = classes.strip().lines().reduce((first, last) -> last).orElseThrow();
    String[] words = total.split(" +"); // Total, objects, bytes
    return Long.parseLong(words[2]);
  }

  private static Message burn(Message request) {
    for (int i = 0; i < request.number("threads"); i++) {
      daemon(
          "burn",
          () -> {
            while (true) {
              Thread.onSpinWait();
            }
          });
    }
    return new Message(Message.OK);
  }
}
