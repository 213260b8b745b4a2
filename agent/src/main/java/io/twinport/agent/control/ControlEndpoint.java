package io.twinport.agent.control;

import io.twinport.agent.metrics.OpenMetrics;
import io.twinport.agent.report.JsonWriter;
import io.twinport.agent.report.ProcessReport;
import io.twinport.agent.report.Watchers;
import io.twinport.capture.Addresses;
import io.twinport.capture.CaptureFormat;
import io.twinport.capture.CaptureRequest;
import io.twinport.capture.CaptureState;
import io.twinport.capture.CaptureStream;
import io.twinport.capture.Captures;
import io.twinport.config.Daemon;
import io.twinport.config.KernelFile;
import io.twinport.config.Log;
import io.twinport.core.Switch;
import io.twinport.jdk.NamedSocket;
import io.twinport.jdk.OwnClasses;
import io.twinport.registry.Registry;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Answers one line with one line of JSON, on a connection each:
 *
 * <pre>
 * status                                    all that it says of itself: {@link ControlReport#write}
 * events MILLIS                             events since then: {@link ControlReport#events}
 * metrics                                   the numbers as OpenMetrics text
 * watch MILLIS CONNECTIONS PORT ORDER       a line each interval: {@link Watchers}
 * capture VERSION FILTER... [to=NAME]       what is captured follows the answer: {@link Captures}
 * off [PORT] [keep], on [PORT]              new connections go by TCP; may use the SAN
 * set NAME=VALUE, settings                  {@link ControlSettings}
 * </pre>
 *
 * What follows an answer is sent by another thread. A process that can't have the name it would be
 * asked by has no endpoint, and runs on.
 */
final class ControlEndpoint implements Runnable {
  private static final int BACKLOG = 64;
  private static final int LONGEST_REQUEST = 8_192; // Rules may be long.
  private static final int NAMES_TRIED = 8;
  private static final String CAPTURE = "capture ";

  /** One client at a time, so this is what one that hangs can cost the others. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** The same for one that takes a long answer slowly. */
  private static final Duration MOST_FOR_AN_ANSWER = Duration.ofSeconds(3);

  /** Between two pieces of a long answer. */
  private static final Duration PAUSE = Duration.ofNanos(50_000);

  /** A process that has just started has better things to do than {@link #rehearse}. */
  private static final Duration UNTIL_REHEARSED = Duration.ofSeconds(1);

  /** How long the process's end may wait for a client that is being served. */
  private static final Duration MOST_TO_END = Duration.ofMillis(50);

  /** Whether this process has tried to take a name; guarded by the class. */
  private static boolean tried;

  private final ControlName name;
  private final NamedSocket listener;
  private final Registry registry;
  private volatile boolean ending;

  /** Null before the first capture. */
  private volatile Captures captures;

  /** Made when somebody first wants to look again and again. */
  private volatile Watchers watchers;

  /** Whoever serves; set before it looks at {@link #ending}. */
  private volatile Thread thread;

  private ControlEndpoint(ControlName name, NamedSocket listener, Registry registry) {
    this.name = name;
    this.listener = listener;
    this.registry = registry;
  }

  /** Starts the endpoint if it is not there. Quick; never throws. */
  static void start() {
    inBackground(ControlEndpoint::serve);
  }

  /** Starts the endpoint if it is not there, and serves on this thread. */
  static void serve() {
    ControlEndpoint first = ofThisProcess();
    if (first != null) {
      first.run();
    }
  }

  /** Starts the endpoint if it is not there; when this returns, the process can be asked. */
  static void startNow() {
    ControlEndpoint first = ofThisProcess();
    if (first != null) {
      inBackground(first);
    }
  }

  private static void inBackground(Runnable task) {
    try {
      Daemon.of("twinport-control", task).start();
    } catch (RuntimeException | Error e) {
      // No thread to be had, or a security manager: not for the application's open() to fail.
      Log.debug(() -> "no control endpoint: " + Log.cause(e));
    }
  }

  /**
   * Has this process listen, for whoever calls first and has to serve then; null for all others,
   * who come back when it listens already.
   */
  private static synchronized ControlEndpoint ofThisProcess() {
    if (tried) {
      return null;
    }
    tried = true;
    ControlEndpoint endpoint = null;
    try {
      endpoint = listen(Registry.shared());
    } catch (OutOfMemoryError e) {
      tried = false; // There may be some later.
      throw e;
    } catch (IOException | RuntimeException | Error e) {
      Log.debug(() -> "no control endpoint: " + Log.cause(e));
    }
    if (endpoint == null) {
      return null;
    }
    ControlEndpoint listening = endpoint;
    boolean watched = false;
    try {
      if (!Switch.whenProcessEnds(new End(listening))) {
        end(listening); // Nobody serves any more.
        return null;
      }
      watched = true;
      return endpoint;
    } catch (OutOfMemoryError e) {
      tried = false; // As above.
      throw e;
    } finally {
      if (!watched) {
        abandon(listening); // Who asks would wait for an answer.
      }
    }
  }

  private static void abandon(ControlEndpoint endpoint) {
    try {
      endpoint.listener.close();
    } catch (IOException e) {
      Log.debug(() -> "the control endpoint's close failed: " + Log.cause(e));
    }
  }

  /** No lambda, as a process that starts would link it. */
  private record End(ControlEndpoint endpoint) implements Runnable {
    @Override
    public void run() {
      end(endpoint);
    }
  }

  /** Called when the process ends: a thread in {@code accept} would make the JVM wait for it. */
  private static void end(ControlEndpoint endpoint) {
    if (endpoint == null) {
      return;
    }
    try {
      Captures begun = endpoint.captures;
      if (begun != null) {
        begun.end();
      }
      endpoint.shutdown();
      Thread serving = endpoint.thread;
      if (serving != null) {
        serving.join(MOST_TO_END.toMillis());
      }
    } catch (IOException e) {
      Log.debug(() -> "the control endpoint can't be shut down: " + Log.cause(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Takes a name.
   *
   * @throws IOException if there is none to be had
   */
  static ControlEndpoint listen(Registry registry) throws IOException {
    long pid = KernelFile.pid();
    for (int i = 1; ; i++) {
      ControlName name = new ControlName(pid, randomId());
      try {
        return new ControlEndpoint(name, NamedSocket.listen(name.name(), BACKLOG), registry);
      } catch (BindException e) {
        if (i == NAMES_TRIED) {
          throw e;
        }
      }
    }
  }

  /** Eight hexadecimal digits. */
  private static String randomId() {
    int random = ThreadLocalRandom.current().nextInt();
    return Long.toHexString((1L << 32) | Integer.toUnsignedLong(random)).substring(1);
  }

  ControlName name() {
    return name;
  }

  /** Ends {@link #run}. */
  void shutdown() throws IOException {
    ending = true;
    listener.shutdown();
    Watchers told = watchers;
    if (told != null) {
      told.end();
    }
  }

  /** Serves until it is shut down; sleeps in {@code accept} meanwhile. */
  @Override
  public void run() {
    thread = Thread.currentThread();
    try {
      listener.awaitClient(UNTIL_REHEARSED);
      rehearse();
    } catch (IOException | RuntimeException | Error e) {
      pause(e);
    }
    while (!ending) {
      try {
        serveNext();
      } catch (IOException | Error e) {
        pause(e);
      }
    }
    try {
      listener.close();
    } catch (IOException e) {
      Log.debug(() -> "the control endpoint's close failed: " + Log.cause(e));
    }
  }

  private void serveNext() throws IOException {
    NamedSocket client = listener.accept();
    boolean kept = false;
    try {
      kept = serve(client);
    } finally {
      if (!kept) {
        client.close();
      }
    }
  }

  /**
   * Answers itself once, while there is memory: a class whose initializer runs out of memory can't
   * be used for the rest of the process's life, and {@code status} is asked first when something is
   * wrong already.
   */
  private void rehearse() throws IOException {
    if (ending) {
      return;
    }
    OwnClasses.loadRare();
    OwnClasses.load(ProcessReport.FOLDER);
    ControlReport.write(name, registry, running(), new JsonWriter(piece -> {}));
    new Watchers(registry).rehearse(ControlReport.identity(name));
    try (NamedSocket self = NamedSocket.connect(name.name())) {
      self.write("rehearsal\n", PATIENCE);
      serveNext(); // Perhaps somebody who was here before this.
    }
  }

  /**
   * Most likely no descriptor is left, or no memory. The client stays in the backlog, so accept
   * would fail again at once, and nobody tells when there is a descriptor: try again after a while.
   */
  private void pause(Throwable cause) {
    if (ending) {
      return;
    }
    LockSupport.parkNanos(PATIENCE.toNanos());
    try {
      Log.debug(() -> "the control endpoint can't serve: " + Log.cause(cause));
    } catch (Error e) {
      return; // There is no memory even for that: the next round is what counts.
    }
  }

  /** Returns whether somebody else closes the client, behind this. */
  private boolean serve(NamedSocket client) {
    try {
      if (!ControlPeer.isKnown()) {
        client.readLine(LONGEST_REQUEST, PATIENCE); // Unread, it would take the answer with it.
        answer(client, error("does not answer: its Java runtime " + ControlPeer.LACKS));
        return false;
      }
      // Who asks comes first: nobody else gets so much as a read.
      if (!ControlPeer.mayAsk(client)) {
        Log.debug(() -> "the control endpoint was asked by another user");
        return false;
      }
      String request = client.readLine(LONGEST_REQUEST, PATIENCE).trim();
      if (request.equals("status")) {
        ControlReport.write(name, registry, running(), new JsonWriter(pieces(client)));
      } else if (request.startsWith(CAPTURE)) {
        return capture(client, request.substring(CAPTURE.length()).trim());
      } else if (request.startsWith("watch ")) {
        return watch(client, request.split(" +", -1));
      } else {
        answer(client, answer(request));
      }
    } catch (IOException | RuntimeException e) {
      Log.debug(() -> "a control request failed: " + Log.cause(e));
    }
    return false;
  }

  /**
   * Begins a capture: {@code capture VERSION}, and the words of a filter. What it needs is loaded
   * here.
   */
  private boolean capture(NamedSocket client, String words) throws IOException {
    String version = Integer.toString(CaptureFormat.VERSION);
    String filter = words.startsWith(version) ? words.substring(version.length()) : "?";
    if (!filter.isEmpty() && !filter.startsWith(" ")) {
      answer(client, error("has another version of Twinport: use the capture of that one"));
      return false;
    }
    CaptureStream stream;
    try {
      OwnClasses.load(Captures.FOLDER);
      if (captures == null) {
        captures = new Captures(Switch::tap);
      }
      String who = ControlPeer.nameOf(client);
      CaptureRequest request = CaptureRequest.parse(filter);
      stream = captures.prepare(request.filter(), client, who, request.destination());
    } catch (IOException | IllegalArgumentException e) {
      answer(client, error(e.getMessage()));
      return false;
    }
    boolean begun = false;
    try {
      stream.tap();
      stream.begin(open());
      Map<String, Object> answer = identity();
      answer.put("capture", (long) CaptureFormat.VERSION);
      answer.put("bufferBytes", stream.bufferBytes());
      answer.put("startNanos", stream.startNanos());
      answer(client, answer);
      stream.start();
      begun = true;
    } finally {
      if (!begun) {
        stream.cancel();
      }
    }
    return true;
  }

  /** The captures that run, for {@code status}. */
  private List<Object> running() {
    List<Object> lines = new ArrayList<>();
    Captures begun = captures;
    if (begun == null) {
      return lines;
    }
    for (CaptureState each : begun.running()) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("who", each.who());
      line.put("filter", each.filter());
      if (!each.destination().isEmpty()) {
        line.put("to", each.destination());
      }
      line.put("since", Instant.ofEpochSecond(0, each.startNanos()).toString());
      line.put("packets", each.packets());
      line.put("bytes", each.bytes());
      line.put("dropped", each.dropped());
      line.put("droppedBytes", each.droppedBytes());
      lines.add(line);
    }
    return lines;
  }

  /** The connections on the SAN that are open now. */
  private List<Addresses> open() {
    List<Addresses> open = new ArrayList<>();
    for (Registry.Connection each : registry.connections()) {
      if (each.san() && each.local() != null && each.remote() != null) {
        open.add(new Addresses(each.local(), each.remote()));
      }
    }
    return open;
  }

  /** Has the client told again and again; returns false if that is not to be. */
  private boolean watch(NamedSocket client, String[] words) throws IOException {
    Watchers known = watchers;
    if (known == null) {
      known = new Watchers(registry);
      watchers = known; // Before the look: either the end sees it, or this sees the end.
    }
    if (ending) {
      return false;
    }
    String why = known.begin(client, words, ControlReport.identity(name));
    if (why != null) {
      answer(client, error(why));
    }
    return why == null;
  }

  private static void answer(NamedSocket client, Map<String, Object> answer) throws IOException {
    client.write(ControlJson.write(answer) + "\n", PATIENCE);
  }

  /**
   * Where a long answer goes, piece by piece. The client has so long to take it, however long it
   * takes to be put together on a busy machine.
   */
  private static JsonWriter.Sink pieces(NamedSocket client) {
    long[] left = {MOST_FOR_AN_ANSWER.toNanos()};
    return piece -> {
      long begun = System.nanoTime();
      client.write(piece, Duration.ofNanos(Math.min(left[0], PATIENCE.toNanos())));
      left[0] -= System.nanoTime() - begun;
      // Whoever moves bytes may have been waiting for this core: it is theirs before the next one.
      LockSupport.parkNanos(PAUSE.toNanos());
    };
  }

  private Map<String, Object> answer(String request) {
    String[] words = request.split(" +", 3);
    if (words[0].equals("events") && words.length == 2 && words[1].matches("\\d{1,15}")) {
      return ControlReport.events(name, registry, Long.parseLong(words[1]));
    }
    if (words[0].equals("metrics") && words.length == 1) {
      return metrics();
    }
    boolean off = words[0].equals("off");
    boolean keep = off && words[words.length - 1].equals("keep");
    int named = words.length - (keep ? 1 : 0);
    if ((off || words[0].equals("on")) && named <= 2) {
      return turn(off, named == 2 ? port(words[1]) : Registry.ALL_PORTS, keep);
    }
    Map<String, Object> answer = identity();
    if (ControlSettings.answer(request, answer)) {
      return answer;
    }
    return error("no such request: " + request);
  }

  /** Loaded only now: most processes are never asked. */
  private Map<String, Object> metrics() {
    try {
      OwnClasses.load(Control.METRICS);
    } catch (IOException e) {
      return error("has no metrics: " + Log.cause(e));
    }
    Map<String, Object> answer = identity();
    answer.put("metrics", OpenMetrics.text(registry));
    return answer;
  }

  private Map<String, Object> turn(boolean off, int port, boolean keep) {
    if (port < Registry.ALL_PORTS || port > 65_535) {
      return error("no such port");
    }
    if (!off && port != Registry.ALL_PORTS && registry.isOff(Registry.ALL_PORTS)) {
      return error("has every port off, this one too: take that back first, with 'on' and no port");
    }
    String why = keep || !off ? Switch.keep(port, off) : null;
    if (why != null) {
      return error(why);
    }
    if (off) {
      registry.off(port);
    } else {
      registry.on(port);
    }
    Map<String, Object> answer = identity();
    answer.put(off ? "off" : "on", port == Registry.ALL_PORTS ? "all" : Integer.toString(port));
    return answer;
  }

  private static int port(String text) {
    return text.matches("\\d{1,5}") ? Integer.parseInt(text) : Integer.MAX_VALUE;
  }

  private Map<String, Object> error(String what) {
    Map<String, Object> answer = identity();
    answer.put("error", what);
    return answer;
  }

  private Map<String, Object> identity() {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("pid", name.pid());
    answer.put("id", name.id());
    return answer;
  }
}
