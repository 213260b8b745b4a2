package io.twinport.it.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinport.it.support.Answer;
import io.twinport.it.support.Eventually;
import io.twinport.it.support.Finished;
import io.twinport.it.support.Jvm;
import io.twinport.it.support.NetworkNamespace;
import io.twinport.it.support.ProcFs;
import io.twinport.it.support.Program;
import io.twinport.it.support.Setup;
import io.twinport.it.support.SwitchStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Two servers and three clients in a network of their own. One server and one client live as long
 * as this, and have to hold no more in the end than in the beginning; the others may be killed. One
 * client is without the agent.
 *
 * <p>A round is wild first, and then calm: nothing is done to any process any more, and all
 * connections have to end. One that makes no progress for five seconds of every process' own clock,
 * all of which are to run and to have processors, hangs.
 */
final class Torture implements AutoCloseable {
  private enum Fault {
    KILL,
    ABORT,
    EXIT,
    STOP,
    FILL,
    HOARD,
    LIMIT,
    INTERRUPT,
    JOG,
    CLOSE,
    REBIND,
    ATTACK
  }

  /**
   * What a process holds that it could leak.
   *
   * @param bells descriptors of events, of which it keeps a part of those that it may have
   * @param others what else it has open
   */
  private record Holdings(int bells, int others, int mappings, int threads, long sharedKib) {
    static Holdings of(Program program) throws IOException {
      List<String> open = ProcFs.descriptorTargets(program.pid());
      int bells = (int) open.stream().filter(each -> each.startsWith("anon_inode:[event")).count();
      return new Holdings(
          bells,
          open.size() - bells,
          ProcFs.mappings(program.pid(), "memfd:").size(),
          ProcFs.threads(program.pid()),
          ProcFs.residentShared(program.pid()));
    }

    boolean isWithin(Holdings first, int descriptors) {
      return bells <= descriptors / MOST_BELLS + FEW_BELLS
          && others <= first.others + SLACK
          && mappings <= first.mappings + SLACK_MAPPINGS
          && threads <= first.threads + SLACK_THREADS
          && sharedKib <= first.sharedKib + SLACK_KIB;
    }
  }

  /** One of the programs, and what starts it again. */
  private final class Member {
    final String name;
    final Jvm jvm;
    final boolean mortal;
    final boolean agent;

    /** Whether its connections have virtual threads. */
    final boolean virtual;

    /** Of a server the first port, of a client 0. */
    final int port;

    final int number;
    Program program;
    int tag;
    Holdings first;

    /** Commands that were sent and not answered yet. */
    final List<String> pending = new ArrayList<>();

    Member(String name, int number, int port, boolean mortal, boolean agent) throws IOException {
      this.name = name;
      this.number = number;
      this.port = port;
      this.mortal = mortal;
      this.agent = agent && Setup.SAN;
      jvm =
          port == 0
              ? Jvm.of("TortureClient")
              : Jvm.of("TortureServer", "127.0.0.1", Integer.toString(port));
      jvm.optimized()
          .through(network.enter())
          .through("prlimit", "--core=0", "--nofile=" + descriptors + ":" + descriptors)
          .option("-Xmx96m")
          .option("-XX:-UsePerfData")
          .option("-Djava.io.tmpdir=" + temporary);
      List<String> kind = KINDS.get(random.nextInt(KINDS.size()));
      kind.forEach(jvm::option);
      virtual = random.nextInt(3) == 0 && Runtime.version().feature() >= 21;
      if (virtual) {
        jvm.option("-Dvirtual=true");
      }
      if (this.agent) {
        WAITS.get(random.nextInt(WAITS.size())).forEach(jvm::twinport);
      } else {
        jvm.withoutAgent();
      }
      System.out.println(
          "torture " + seed + ": " + name + " " + kind + (virtual ? " virtual" : ""));
      start();
    }

    boolean isServer() {
      return port != 0;
    }

    private void start() throws IOException {
      tag = ++lastTag;
      pending.clear();
      program = jvm.start();
    }

    Answer call(String command) throws IOException {
      settle();
      return program.call(command);
    }

    void send(String command) throws IOException {
      settle();
      program.send(command);
      pending.add(command);
    }

    /** Takes the answers that are due. */
    void settle() {
      for (String command : pending) {
        program.answer(command);
      }
      pending.clear();
    }

    /** It has ended, or is about to. */
    void bury() throws Exception {
      program.awaitDeath();
      program.kill();
      program.takeErrors();
      program.close();
    }
  }

  private static final int MANY_DESCRIPTORS = 1024;
  private static final int FEW_DESCRIPTORS = 256;
  private static final int FIRST_PORT = 7001;
  private static final int SECOND_PORT = 7011;
  private static final int PORTS = 4;
  private static final int FEWEST_CONNECTIONS = 8;
  private static final int MOST_CONNECTIONS = 64;
  private static final int MOST_WILD_MILLIS = 1500;
  private static final int MOST_FAULTS = 6;
  private static final int MOST_FAULT_MILLIS = 800;

  /** Five seconds. */
  private static final int HANGING_TICKS = 50;

  /** A process whose clock is so late does not get the processors it needs. */
  private static final int STARVED_MILLIS = 1000;

  private static final Duration CLEANED_WITHIN = Duration.ofSeconds(15);
  private static final Duration CALM_WITHIN = Duration.ofMinutes(2);
  private static final int SLACK = 4;
  private static final int SLACK_THREADS = 16;

  /** An eighth of the descriptors for its own, a sixteenth for those of others, and spares. */
  private static final int MOST_BELLS = 4;

  /** Those of selectors and groups, two for each link, and spares. */
  private static final int FEW_BELLS = 64;

  private static final String MAPPED_BYTES = "4096";

  /** Segments that were made while there was no descriptor to watch them stay until a link ends. */
  private static final long SLACK_KIB = 3 * 4096;

  /** As {@link #SLACK_KIB}: a link's segments are of 256 KiB, 1 MiB, and 4 MiB each; two links. */
  private static final int SLACK_MAPPINGS = 8;

  /** By which nobody else loses anything. They connect to the server, but never to the program. */
  private static final List<String> ATTACKS =
      List.of("linger", "map", "wires", "unread", "silent", "bells");

  private static final List<Map<String, String>> WAITS =
      List.of(
          Map.of(),
          Map.of(),
          Map.of("wait", "block"),
          Map.of("wait", "spin"),
          Map.of("shm.ring-bytes", "4096"),
          Map.of("wait", "block", "shm.ring-bytes", "4096"));

  private static final List<List<String>> KINDS =
      List.of(
          List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
          List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
          List.of("-XX:+UseSerialGC"),
          List.of("-XX:+UseG1GC", "-XX:TieredStopAtLevel=1"));

  private final long seed;
  private final SplittableRandom random;
  private final int descriptors;
  private final NetworkNamespace network;
  private final Path temporary;
  private final List<Member> members = new ArrayList<>();
  private final List<Program> attackers = new ArrayList<>();
  private TortureVerdict.Round round = new TortureVerdict.Round();
  private int lastTag;
  private int rounds;
  private final StringBuilder story = new StringBuilder();

  private Torture(long seed, SplittableRandom random, NetworkNamespace network) throws IOException {
    this.seed = seed;
    this.random = random;
    this.network = network;
    descriptors = random.nextInt(4) == 0 ? FEW_DESCRIPTORS : MANY_DESCRIPTORS;
    temporary = Setup.scratch("torture");
  }

  static Torture begin(long seed, SplittableRandom random) throws Exception {
    NetworkNamespace network = NetworkNamespace.open();
    Torture torture = new Torture(seed, random, network);
    try {
      torture.members.add(torture.new Member("server", 0, FIRST_PORT, false, true));
      torture.members.add(torture.new Member("mortal server", 1, SECOND_PORT, true, true));
      torture.members.add(torture.new Member("client", 0, 0, false, true));
      torture.members.add(torture.new Member("mortal client", 0, 0, true, true));
      torture.members.add(torture.new Member("TCP client", 0, 0, true, false));
      torture.calmRound();
      return torture;
    } catch (Exception | Error e) {
      torture.kill();
      throw e;
    }
  }

  /** What is made once and kept is made now, and in the first rounds. */
  private void calmRound() throws Exception {
    round = new TortureVerdict.Round();
    story.setLength(0);
    calm();
    orderly();
    judge();
  }

  /** Does what the seed says, and then looks. */
  void round() throws Exception {
    rounds++;
    round = new TortureVerdict.Round();
    story.setLength(0);
    long start = System.nanoTime();
    try {
      for (Member member : members) {
        member.call("wild");
      }
      wild();
      calm();
      await("transfers");
      orderly();
      String verdict = judge();
      assertNoGhosts();
      assertNothingLeft();
      long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
      System.out.println(
          "torture " + seed + "/" + rounds + ":" + story + "; " + verdict + ", " + millis + " ms");
    } catch (Exception | Error e) {
      System.out.println("torture " + seed + "/" + rounds + ":" + story + "; failed: " + e);
      throw e;
    }
  }

  private void wild() throws Exception {
    List<Fault> faults = new ArrayList<>();
    List<Member> targets = new ArrayList<>();
    for (int i = 1 + random.nextInt(MOST_FAULTS); i > 0; i--) {
      Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
      List<Member> able = members.stream().filter(each -> isAble(fault, each)).toList();
      if (!able.isEmpty()) {
        faults.add(fault);
        targets.add(able.get(random.nextInt(able.size())));
      }
    }
    if (descriptors == FEW_DESCRIPTORS) {
      // There may be more connections than that.
      members.forEach(this::hoards);
    }
    for (int i = 0; i < faults.size(); i++) {
      if (faults.get(i) == Fault.FILL) {
        fills(targets.get(i));
      }
    }
    for (Member member : members) {
      if (!member.isServer()) {
        go(member);
      }
    }
    for (int i = 0; i < faults.size(); i++) {
      // Not a wait for anything: this is when the fault comes.
      TimeUnit.MILLISECONDS.sleep(random.nextInt(MOST_WILD_MILLIS / faults.size()));
      fault(faults.get(i), targets.get(i));
    }
    killAttackers();
  }

  private void killAttackers() throws IOException {
    for (Program attacker : attackers) {
      attacker.kill();
      attacker.takeErrors();
      attacker.close();
    }
    attackers.clear();
  }

  private boolean isAble(Fault fault, Member member) {
    return switch (fault) {
      case KILL, ABORT, EXIT -> member.mortal;
      case REBIND -> member.isServer();
      // Without memory the JDK's own accept forgets connections, its asynchronous channels what
      // they were about to tell, and its scheduler virtual threads.
      case FILL -> member.agent && !member.virtual;
      case ATTACK -> member.agent && member.isServer();
      default -> true;
    };
  }

  private void go(Member client) throws IOException {
    List<String> targets = new ArrayList<>();
    for (Member server : members) {
      // Nor does the JDK's accept forget those of a client without the agent.
      boolean forgets = !client.agent && round.filledServers.contains(server.number);
      if (server.isServer() && !forgets) {
        targets.add(server.number + "/" + server.port);
      }
    }
    if (!targets.isEmpty()) {
      int count = FEWEST_CONNECTIONS + random.nextInt(MOST_CONNECTIONS - FEWEST_CONNECTIONS);
      String words = random.nextLong() + " " + client.tag + " " + count;
      client.call(
          "go " + words + " " + random.nextInt(MOST_WILD_MILLIS) + " " + String.join(" ", targets));
    }
  }

  private void fault(Fault fault, Member member) throws Exception {
    int millis = 50 + random.nextInt(MOST_FAULT_MILLIS);
    int count = 1 + random.nextInt(FEWEST_CONNECTIONS);
    story.append(' ').append(fault).append(' ').append(member.name);
    switch (fault) {
      case KILL -> {
        member.program.kill();
        startAgain(member);
      }
      case ABORT -> {
        member.program.signal("ABRT");
        startAgain(member);
      }
      case EXIT -> {
        member.program.send("exit");
        startAgain(member);
      }
      case STOP -> {
        member.program.signal("STOP");
        TimeUnit.MILLISECONDS.sleep(millis); // How long it is stopped.
        member.program.signal("CONT");
      }
      case FILL -> {
        fills(member); // It may have been started again since that was planned.
        member.send("fill " + millis);
      }
      case HOARD -> {
        hoards(member);
        member.send("hoard " + millis);
      }
      case LIMIT -> {
        hoards(member);
        int few = ProcFs.descriptors(member.program.pid()) + random.nextInt(4);
        limit(member, Math.min(few, descriptors));
        TimeUnit.MILLISECONDS.sleep(millis); // How long that is the limit.
        limit(member, descriptors);
      }
      case INTERRUPT -> member.call("interrupt " + count + " " + random.nextLong());
      case JOG -> member.call("jog");
      case CLOSE -> member.call("close " + count + " " + random.nextLong());
      case REBIND -> {
        round.reboundServers.add(member.number);
        member.call("rebind " + "scna".charAt(random.nextInt(PORTS)));
      }
      case ATTACK -> attack(member);
    }
  }

  /** It goes on until the end of the wild part. */
  private void attack(Member server) throws IOException {
    String how = ATTACKS.get(random.nextInt(ATTACKS.size()));
    String port = Integer.toString(server.port + random.nextInt(PORTS));
    story.append(" by ").append(how);
    Program attacker = Jvm.attacker(how, port, MAPPED_BYTES).through(network.enter()).start();
    attackers.add(attacker);
    attacker.send("begin"); // The server may be stopped, or gone.
  }

  private void fills(Member member) {
    (member.isServer() ? round.filledServers : round.filledClients)
        .add(member.isServer() ? member.number : member.tag);
  }

  private void hoards(Member member) {
    (member.isServer() ? round.hoardedServers : round.hoardedClients)
        .add(member.isServer() ? member.number : member.tag);
  }

  private static void limit(Member member, int descriptors) throws Exception {
    String pid = Long.toString(member.program.pid());
    Finished prlimit =
        Finished.run(List.of("prlimit", "--pid", pid, "--nofile=" + descriptors + ":"));
    assertEquals(0, prlimit.status(), prlimit.errors());
  }

  private void startAgain(Member member) throws Exception {
    (member.isServer() ? round.deadServers : round.deadClients)
        .add(member.isServer() ? member.number : member.tag);
    member.bury();
    member.start();
    member.call("wild");
    if (!member.isServer()) {
      go(member);
    }
  }

  private void calm() throws IOException {
    for (Member member : members) {
      member.settle();
    }
    for (Member member : members) {
      member.call("calm");
    }
  }

  /** From every client to every server, with every pair of APIs. */
  private void orderly() throws Exception {
    for (Member client : members) {
      if (!client.isServer()) {
        List<String> words =
            new ArrayList<>(
                List.of("orderly", Long.toString(random.nextLong()), Integer.toString(client.tag)));
        members.stream()
            .filter(Member::isServer)
            .forEach(server -> words.add(server.number + "/" + server.port));
        client.call(String.join(" ", words));
      }
    }
    await("orderly transfers");
  }

  /** How far the transfers are, by what each program says. */
  private record Progress(Map<String, Answer> answers) {
    boolean isOver() {
      return answers.values().stream().allMatch(answer -> answer.number("open") == 0);
    }

    boolean hangs() {
      boolean starved = most("longest-tick") > STARVED_MILLIS;
      return most("stalled") >= (starved ? 6 * HANGING_TICKS : HANGING_TICKS);
    }

    private long most(String what) {
      return answers.values().stream().mapToLong(answer -> answer.number(what)).max().orElse(0);
    }
  }

  private Progress progress() throws IOException {
    Map<String, Answer> answers = new HashMap<>();
    for (Member member : members) {
      answers.put(member.name, member.call("progress"));
    }
    return new Progress(answers);
  }

  /** Waits until no connection is open, or one hangs. */
  private void await(String what) throws Exception {
    long end = System.nanoTime() + CALM_WITHIN.toNanos();
    Progress last =
        Eventually.within(
            CALM_WITHIN.multipliedBy(2),
            this::progress,
            now -> now.isOver() || now.hangs() || System.nanoTime() - end > 0);
    if (!last.isOver()) {
      throw new AssertionError(what + " hang: " + last.answers + "\n" + picture());
    }
  }

  /** What is open, and what all threads do. */
  private String picture() throws Exception {
    StringBuilder text = new StringBuilder();
    for (Member member : members) {
      text.append("== ").append(member.name).append(", ").append(member.program.pid());
      text.append('\n').append(member.program.errors()).append('\n');
      text.append(member.call("open").line().replace(';', '\n')).append('\n');
      text.append(member.call("take").line().replace(';', '\n')).append('\n');
      String jstack = Setup.JDK.resolve("bin/jstack").toString();
      text.append(Finished.run(List.of(jstack, Long.toString(member.program.pid()))).output());
    }
    if (Setup.SAN) {
      for (SwitchStatus each : SwitchStatus.allThrough(network.enter())) {
        text.append(each.json()).append('\n');
      }
    }
    return text.toString();
  }

  private String judge() throws Exception {
    List<TortureReport> reports = new ArrayList<>();
    List<String> violations = new ArrayList<>();
    for (Member member : members) {
      reports.addAll(TortureReport.parse(member.call("take").text("ends")));
      for (String line : member.program.takeErrors()) {
        if (line.startsWith("twinport: ") || isOfWantOfMemory(member, line)) {
          if (!line.startsWith("\tat ")) {
            story.append(" [").append(member.name).append(": ").append(line).append(']');
          }
        } else {
          violations.add(member.name + " says " + line);
        }
      }
    }
    TortureVerdict verdict = TortureVerdict.of(round, reports);
    violations.addAll(verdict.violations());
    for (TortureReport each : reports) {
      if (each.stall() >= HANGING_TICKS) {
        violations.add("no progress for " + each.stall() + " ticks: " + each);
      }
    }
    if (!violations.isEmpty()) {
      throw new AssertionError(
          violations.size() + ": " + String.join("\n", violations) + "\n" + picture());
    }
    long orderly = reports.stream().filter(TortureReport::orderly).count();
    long clients = members.stream().filter(each -> !each.isServer()).count();
    long servers = members.size() - clients;
    assertEquals(2 * clients * servers * PORTS * PORTS, orderly, "orderly ends");
    return verdict.toString();
  }

  /**
   * What the JVM says if it has no memory for a class that it loads, under any agent; and of a
   * thread of a channel group's that an Error has ended, and another one replaces, as over TCP.
   */
  private boolean isOfWantOfMemory(Member member, String line) {
    boolean filled =
        member.isServer()
            ? round.filledServers.contains(member.number)
            : round.filledClients.contains(member.tag);
    return filled
        && (line.startsWith("*** java.lang.instrument ")
            || line.startsWith("\tat ")
            || line.isEmpty()
            || line.matches("Exception in thread \"(Innocuous)?Thread-.*OutOfMemory.*")
            || line.matches("Exception: .*OutOfMemory.* in thread \"(Innocuous)?Thread-.*"));
  }

  /** Nobody thinks of a connection that has ended that it is there. */
  private void assertNoGhosts() throws Exception {
    for (Member member : members) {
      if (member.isServer()) {
        for (int i = 0; i < PORTS; i++) {
          int port = member.port + i;
          Eventually.within(
              CLEANED_WITHIN, () -> ProcFs.established(member.program, port), List::isEmpty);
        }
      }
    }
    if (Setup.SAN) {
      Eventually.within(CLEANED_WITHIN, this::connections, List.of()::equals);
    }
  }

  /** All that any process says it has. */
  private List<Object> connections() throws Exception {
    List<Object> connections = new ArrayList<>();
    for (SwitchStatus each : SwitchStatus.allThrough(network.enter())) {
      connections.addAll((List<?>) each.json().getOrDefault("connections", List.of(each.json())));
    }
    return connections;
  }

  /** The first wild rounds still make what is made once and kept. */
  private void assertNothingLeft() throws Exception {
    for (Member member : members) {
      if (member.mortal) {
        continue;
      }
      if (rounds <= 2 || member.first == null) {
        member.first = Holdings.of(member.program);
      }
      Holdings now =
          Eventually.within(
              CLEANED_WITHIN,
              () -> Holdings.of(member.program),
              holdings -> holdings.isWithin(member.first, descriptors));
      story.append("; ").append(member.name).append(" has ").append(now);
    }
  }

  /** Ends all programs, which leave nothing behind. */
  void end() throws Exception {
    for (Member member : members) {
      member.program.close();
    }
    assertEquals(Set.of(), ProcFs.abstractNames(network.pid()), "names of UNIX-domain sockets");
    try (Stream<Path> files = Files.list(temporary)) {
      assertEquals(List.of(), files.toList(), "temporary files");
    }
    members.clear();
  }

  private void kill() throws IOException {
    killAttackers();
    for (Member member : members) {
      member.program.kill();
    }
    network.close();
  }

  @Override
  public void close() throws IOException {
    kill();
  }
}
